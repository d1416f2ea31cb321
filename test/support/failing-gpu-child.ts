/** An engine whose model says "one two three four", but on `webgpu` the device is lost after two words, in the way that is asked for. */

import { deviceName } from '../../native-models/inference/device.ts';
import { engineContract } from '../../native-models/process/engine-contract.ts';
import { createEngine } from '../../native-models/process/engine-handlers.ts';
import { serveChild } from '../../native-models/process/serve-child.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { scriptedDescription } from './scripted-description.ts';

const words = ['one ', 'two ', 'three ', 'four'];

const engine = createEngine(async (_, { devices }) => {
  const device = devices === 'auto' ? 'cpu' : deviceName(devices[0]!);
  if (device === 'directml') throw new AppError('device_unavailable', 'It can’t run this model here.');
  return {
    description: { ...scriptedDescription, device, stages: [{ device, first: 0, end: 1 }] },
    encodeText: (text) => Array.from(text, (character) => character.codePointAt(0)!),
    async *generate({ messages, continueLastAnswer, generation }) {
      const choices = Array.from({ length: generation?.n ?? 1 }, (_, choice) => choice);
      const numbered = (choice: number) => (choices.length > 1 ? { choice } : {});
      const texts = messages.map(({ parts }) =>
        parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      );
      const before = continueLastAnswer ? texts.at(-1)! : '';
      const rest = words.slice(words.findIndex((_, index) => words.slice(0, index).join('') === before));
      yield { type: 'prompt', tokenIds: [1, 2, 3] };
      const said = { text: '', tokenIds: [] as number[] };
      for (const [index, text] of rest.entries()) {
        if (device !== 'cpu' && index === 2) {
          if (texts.includes('crash')) process.kill(process.pid, 'SIGKILL');
          throw new AppError('device_unavailable', 'The device webgpu stopped computing.');
        }
        said.text += text;
        said.tokenIds.push(index);
        for (const choice of choices) yield { type: 'text', ...numbered(choice), text, tokenIds: [index] };
      }
      const timings = { visionMs: 0, prefillMs: 1, firstTokenMs: 1, decodeMs: 1, decodeTokensPerSecond: 1 };
      const end = { stopReason: 'eos' as const, ...said, timings: { ...timings, reusedPromptTokens: 0 } };
      for (const choice of choices) yield { type: 'end', ...numbered(choice), ...end };
    },
    async *embed() {},
    async *judge() {},
    async close() {},
  };
});
serveChild(engineContract, engine.handlers, engine.close);
