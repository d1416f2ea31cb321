/** The API server as Python programs see it: PyPI's `openai`, which brings its own idea of every shape. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ApiEngine } from '../../main/service/api-server/api-engine.ts';
import { startApiServer } from '../../main/service/api-server/start-api-server.ts';
import { findOpenAiPython } from '../support/openai-python/find-python.ts';
import { scriptedApiEngine } from '../support/scripted-api-engine.ts';

const root = join(import.meta.dirname, '../..');
const receipt = readFileSync(join(root, 'assets/samples/receipt.png'));
const token = 'a-token-of-this-test';
const call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>';

test('openai for Python: chat, stream, picture, schema, tool, embeddings, errors and cancel', async (t) => {
  const engine = scriptedApiEngine();
  const usual = engine.script;
  const answer: ApiEngine['answer'] = (question, signal) => {
    const part = question.messages.at(-1)?.parts[0];
    const words = part?.type === 'text' ? part.text : '';
    engine.script = words === 'tool' ? [call] : words === 'slow' ? Array(200).fill('x') : usual;
    engine.pauseMs = words === 'slow' ? 20 : 0;
    return engine.answer(question, signal);
  };
  const server = await startApiServer({ engine: { ...engine, answer }, token, port: 0, version: '0.0.0' });
  t.after(() => server.close());
  const picture = `data:image/png;base64,${receipt.toString('base64')}`;
  const script = join(root, 'test/support/openai-python/ask.py');
  const python = await findOpenAiPython();
  const { stdout } = await promisify(execFile)(python, [script, server.url, token, picture]);
  const { embeddings, ...said } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(said, {
    models: ['demo'],
    chat: ['Hello from here', 15],
    stream: ['Hello', ' from', ' here'],
    tool: ['get_weather', { city: 'Oslo' }, 'tool_calls'],
    'after the tool': 'Hello from here',
    completion: 'Hello from here',
    response: 'Hello from here',
    'unknown model': [404, 'not_found'],
    'refused field': [400, 'invalid_request'],
    'wrong token': 401,
  });
  const [first] = embeddings as number[][];
  assert.ok(first?.length === 2 && Math.abs(first[0]! - 0.6) < 1e-6);
  const file = engine.questions
    .flatMap(({ messages }) => messages.at(-1)?.parts ?? [])
    .find((part) => part.type === 'file');
  assert.deepEqual(file && Buffer.from(file.bytes), receipt, 'byte by byte');
  assert.ok(engine.questions.some(({ sampling }) => sampling.answerFormat?.type === 'json-schema'));
  for (let waited = 0; engine.cancelled === 0 && waited < 3000; waited += 20) await sleep(20);
  assert.equal(engine.cancelled, 1, 'the one that was left');
});
