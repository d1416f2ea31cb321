/** `ask`: the story of one question, from the files named on the command line to the streamed answer and its figures. */
import { performance } from 'node:perf_hooks';
import {
  createThinkingParser,
  splitThinking,
  thinkingSystemText,
  thinkingTemperature,
} from '../../native-models/process/answer-texts.ts';
import {
  type AnswerEnd,
  type AnswerEvent,
  type AnswerRequest,
  generateAnswer,
  type LoadedModel,
} from '../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../native-models/process/engine-contract.ts';
import { readPeakRssBytes } from '../../native-models/process/process-contract.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type AskResult, precisionName, unaskedResult } from './ask-result.ts';
import { attachFiles, expectShown } from './attached-files.ts';
import { askCandidates } from './candidates.ts';
import { expectedQuestion } from './expected-question.ts';
import { defaultPrecision, openModelFor } from './open-model.ts';
import { openPictures } from './open-pictures.ts';
import type { AskCommand } from './parse-arguments.ts';
import type { RunContext } from './run-context.ts';
import { checkPlaceholders, userMessageParts } from './user-message.ts';

/** Asks and streams the answer to the terminal. An abort is an outcome: what was said until then is the result. */
export async function ask(command: AskCommand, run: RunContext): Promise<AskResult> {
  const device = command.devices === 'auto' ? 'cpu' : command.devices.join(' + ');
  const unasked = unaskedResult({ precision: command.precision ?? defaultPrecision, device });
  const started = run.children.engine();
  const engine = started.client;
  const media = command.files.length > 0 ? run.children.media() : null;
  const attached = await attachFiles(command, media?.client ?? null, run);
  if (!attached) return unasked;
  checkPlaceholders(command.question, attached.pictures.map(expectShown));

  const question = expectedQuestion(command, attached);
  const model = await openModelFor(command, engine, { ...run, question });
  if (!model) return unasked;
  const { description, loadMs } = model.loaded;
  for (const note of description.notes) run.terminal.note(`Note: ${note}`);

  const sentAt = performance.now();
  const pictures = await openPictures(command, { files: attached.pictures, engine, media, description }, run);
  if (!pictures) return unasked;
  const preprocessMs = performance.now() - sentAt;

  const request = {
    messages: writeMessages(command, description, {
      pictureIds: pictures.ids,
      shown: pictures.shown,
      documents: attached.documents,
    }),
    generation: { ...(command.thinking && { temperature: thinkingTemperature }), ...command.generation },
    visualPositionStep: command.positionStep,
  };
  const { end, promptTokenIds, choice } = command.candidates
    ? await askCandidates(command, { request, started, attached }, run)
    : { ...(await streamAnswer(engine, request, { ...run, thinking: command.thinking })), choice: null };
  const { visionMs, prefillMs, firstTokenMs, decodeMs, decodeTokensPerSecond } = end.timings;
  const { thought, answer } = splitThinking(end.text);
  return {
    ...(command.thinking ? { text: answer, thought } : { text: end.text }),
    tokenIds: end.tokenIds,
    ...(choice && { choice }),
    promptTokenIds,
    pictures: pictures.reports,
    stopReason: end.stopReason,
    ...(end.counts && { counts: end.counts }),
    ...(end.visualPositionStep !== undefined && { visualPositionStep: end.visualPositionStep }),
    precision: precisionName(description),
    device: description.device,
    timings: {
      loadMs,
      preprocessMs,
      visionMs,
      prefillMs,
      firstTokenMs: firstTokenMs > 0 ? preprocessMs + firstTokenMs : 0,
      decodeMs,
      decodeTokensPerSecond,
    },
    peakRssBytes:
      readPeakRssBytes() + end.peakRssBytes + pictures.mediaPeakRssBytes + model.convertPeakRssBytes,
  };
}

function writeMessages(
  command: AskCommand,
  { systemText }: LoadedModel['description'],
  attached: Parameters<typeof userMessageParts>[1],
): AnswerRequest['messages'] {
  const own = command.system ?? (command.thinking ? '' : (systemText ?? ''));
  const system = [own, command.thinking ? thinkingSystemText : ''].filter(Boolean).join('\n\n');
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: system }] }]),
    { role: 'user', parts: userMessageParts(command.question, attached) },
  ];
}

async function streamAnswer(
  engine: EngineClient,
  request: AnswerRequest,
  { terminal, signal, thinking }: RunContext & { thinking: boolean },
): Promise<{ end: AnswerEnd; promptTokenIds: number[] }> {
  const promptTokenIds: number[] = [];
  const heard = thinking ? hearThoughts(terminal) : { hear: terminal.say, end: () => {} };
  for await (const event of generateAnswer(engine, request, signal)) {
    if (event.type === 'prompt') promptTokenIds.push(...event.tokenIds);
    else if (event.type === 'text') heard.hear(event.text);
    else if (event.type === 'end') {
      heard.end();
      return { end: event, promptTokenIds };
    } else terminal.showStatus(describeProgress(event));
  }
  throw new AppError('internal', 'The engine ended without finishing its answer.');
}

/** Thoughts to stderr, the answer to stdout. */
function hearThoughts(terminal: RunContext['terminal']): { hear(text: string): void; end(): void } {
  const parser = createThinkingParser();
  const tell = (segments: ReturnType<typeof parser.push>) => {
    for (const { type, text } of segments) (type === 'thought' ? terminal.think : terminal.say)(text);
  };
  return { hear: (text) => tell(parser.push(text)), end: () => tell(parser.flush()) };
}

function describeProgress(event: Extract<AnswerEvent, { type: 'waiting' | 'vision' | 'prefill' }>): string {
  if (event.type === 'vision') return `Looking at tile ${event.done} of ${event.total}…`;
  if (event.type === 'prefill' && event.total === 0) return 'The question is with the server…';
  if (event.type === 'prefill') return `Reading the prompt: ${event.done} of ${event.total} tokens…`;
  return `Waiting for ${event.ahead} questions before this one…`;
}
