import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Decoder } from '../../native-models/inference/decoder.ts';
import { generate } from '../../native-models/inference/generate.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { answer, closeParts, noisePicture, openTinyModel, userTurn } from '../support/tiny-model.ts';

const short = { maxNewTokens: 12 };

test('a follow-up turn starts from the cache of the common beginning and says the same as a fresh start', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 224, height: 112 });
  const first = await answer(parts, { messages: [userTurn('What is it?', picture)], generation: short });
  const followUp = {
    messages: [
      userTurn('What is it?', picture),
      { role: 'assistant' as const, parts: [{ type: 'text' as const, text: first.end.text }] },
      userTurn('And where?'),
    ],
    generation: short,
  };
  const continued = await answer(parts, followUp);
  assert.ok(
    continued.end.timings.reusedPromptTokens >= first.promptIds.length,
    'the whole first prompt is reused',
  );
  assert.equal(
    continued.events.filter((event) => event.type === 'vision').length,
    0,
    'no tile is encoded again',
  );

  const fresh = await openTinyModel(t);
  const afresh = await answer(fresh.parts, followUp);
  assert.equal(afresh.end.timings.reusedPromptTokens, 0);
  assert.deepEqual(continued.end.tokenIds, afresh.end.tokenIds);
});

test('another picture of the same size at the same place is read anew', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const ask = (seed: number) =>
    answer(parts, {
      messages: [userTurn('What is it?', noisePicture(description, { width: 112, height: 112, seed }))],
      generation: short,
    });
  const first = await ask(1);
  const other = await ask(2);
  assert.ok(other.end.timings.reusedPromptTokens < 20, 'only what stands before the picture is reused');
  const again = await ask(1);
  assert.deepEqual(again.end.tokenIds, first.end.tokenIds);
  assert.equal(
    again.events.filter((event) => event.type === 'vision').length,
    0,
    'its visual tokens are still known',
  );
});

test('equal tiles are encoded once', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 112, height: 112 });
  const repeated = {
    ...picture,
    columns: 2,
    tileCount: 2,
    pixels: new Uint8Array([...picture.pixels, ...picture.pixels]),
  };
  const { events } = await answer(parts, { messages: [userTurn('Twice?', repeated)], generation: short });
  const vision = events.filter((event) => event.type === 'vision');
  assert.equal(vision.at(-1)?.total, 1);
});

test('an abort keeps the text so far, ends the answer at once, and the next request works', async (t) => {
  const { parts } = await openTinyModel(t);
  const control = new AbortController();
  const shown: string[] = [];
  let end: { stopReason: string; text: string } | undefined;
  for await (const event of generate(
    parts,
    { messages: [userTurn('Go on.')], generation: { maxNewTokens: 500 } },
    control.signal,
  )) {
    if (event.type === 'text') shown.push(event.text);
    if (shown.length === 5) control.abort();
    if (event.type === 'end') end = event;
  }
  assert.equal(end?.stopReason, 'aborted');
  assert.equal(end?.text, shown.join(''));
  assert.ok(shown.length <= 6);
  const next = await answer(parts, { messages: [userTurn('Again.')], generation: short });
  assert.equal(next.end.stopReason, 'length');
});

test('an abort between tiles or chunks ends without text', async (t) => {
  const { parts, description } = await openTinyModel(t);
  for (const stage of ['vision', 'prefill'] as const) {
    const control = new AbortController();
    const picture = noisePicture(description, { width: 448, height: 336, seed: stage.length });
    let stopReason = '';
    for await (const event of generate(
      parts,
      { messages: [userTurn('?', picture)], generation: short },
      control.signal,
    )) {
      if (event.type === stage) control.abort();
      if (event.type === 'end') stopReason = event.stopReason;
      assert.notEqual(event.type, 'text');
    }
    assert.equal(stopReason, 'aborted');
  }
});

test('a prompt beyond the context is refused with the numbers', async (t) => {
  const { parts } = await openTinyModel(t);
  const text = 'word '.repeat(parts.decoder.config.contextLength);
  await assert.rejects(
    answer(parts, { messages: [userTurn(text)] }),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'context_too_long');
      assert.match(error.message, new RegExp(`\\d+ tokens.*${parts.decoder.config.contextLength}`));
      return true;
    },
  );
});

test('ids without a tokenizer entry are never sampled, however hot the sampler', async (t) => {
  const { parts } = await openTinyModel(t);
  assert.ok(parts.suppressed.length > 0, 'the checkpoint has rows without an entry');
  const say = async (suppressed: readonly number[]) => {
    const ids: number[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const generation = { maxNewTokens: 40, temperature: seed / 4, seed };
      ids.push(
        ...(await answer({ ...parts, suppressed }, { messages: [userTurn('Say anything.')], generation })).end
          .tokenIds,
      );
    }
    return ids;
  };
  assert.ok((await say(parts.suppressed)).every((id) => parts.tokenizer.hasEntry(id)));
  assert.ok(
    (await say([])).some((id) => !parts.tokenizer.hasEntry(id)),
    'without the guard they are (control)',
  );
});

test('equal seeds give equal answers, other seeds others', async (t) => {
  const { parts } = await openTinyModel(t);
  const ask = (seed: number) =>
    answer(parts, {
      messages: [userTurn('Say anything.')],
      generation: { ...short, temperature: 1, topK: 40, topP: 0.9, seed },
    });
  assert.deepEqual((await ask(1)).end.tokenIds, (await ask(1)).end.tokenIds);
  assert.notDeepEqual((await ask(1)).end.tokenIds, (await ask(2)).end.tokenIds);
});

test('values that are no numbers end the answer with a typed error, and the next question starts afresh', async (t) => {
  const { parts } = await openTinyModel(t);
  const request = { messages: [userTurn('Hello')], generation: short };
  const expected = await answer(parts, request);
  for (const failAt of [0, 3]) {
    let runs = 0;
    const decoder: Decoder = {
      ...parts.decoder,
      async run(step) {
        const logits = await parts.decoder.run(step);
        return runs++ === failAt ? logits.fill(Number.NaN) : logits;
      },
    };
    const faulty = { ...parts, decoder };
    await assert.rejects(answer(faulty, request), { code: 'model_folder_broken' });
    const next = await answer(faulty, request);
    assert.equal(next.end.timings.reusedPromptTokens, 0, 'nothing of the failed answer is kept');
    assert.deepEqual(next.end.tokenIds, expected.end.tokenIds);
  }
});

test('a model file with values that are no numbers is a broken model folder', async (t) => {
  const { folder } = await openTinyModel(t);
  const file = join(folder, 'lm-head.bin');
  await writeFile(file, (await readFile(file)).fill(0xff, 0, 4)); // one weight of the first token
  const { parts } = await openModelParts(folder);
  t.after(() => closeParts(parts));
  await assert.rejects(answer(parts, { messages: [userTurn('Hello')] }), { code: 'model_folder_broken' });
});

test('a fault that meets an abort is still told, and nothing of its answer is kept', async (t) => {
  const { parts } = await openTinyModel(t);
  const control = new AbortController();
  const decoder: Decoder = {
    ...parts.decoder,
    async run() {
      control.abort();
      throw new AppError('out_of_memory', 'There is not enough memory.');
    },
  };
  const faulty = { ...parts, decoder };
  await assert.rejects(answer(faulty, { messages: [userTurn('Hello')] }, control.signal), {
    code: 'out_of_memory',
  });
  assert.deepEqual(faulty.sequences.kept, []);
});

test('a stop string that only the last half character completes ends the answer before it', async (t) => {
  const { parts } = await openTinyModel(t);
  const [lead = 0] = parts.tokenizer.encodeText('ä').map((id) => id);
  const half = parts.tokenizer.tokenBytes(lead);
  assert.throws(
    () => new TextDecoder('utf-8', { fatal: true }).decode(half),
    'the token is half a character',
  );
  const decoder: Decoder = {
    ...parts.decoder,
    async run(step) {
      const logits = await parts.decoder.run(step);
      return logits.fill(-1).fill(1, lead, lead + 1);
    },
  };
  const ask = (stopStrings: string[]) =>
    answer(
      { ...parts, decoder },
      { messages: [userTurn('Hello')], generation: { maxNewTokens: 1, stopStrings } },
    );
  const plain = await ask([]);
  assert.deepEqual([plain.end.text, plain.end.stopReason], ['\ufffd', 'length']);
  const stopped = await ask(['\ufffd']);
  assert.deepEqual([stopped.end.text, stopped.end.stopReason], ['', 'stop-string']);
});

test('a picture cut for another model is refused, and the next question works', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const other = noisePicture({ ...description, tileSize: 56 }, { width: 112, height: 112 });
  await assert.rejects(answer(parts, { messages: [userTurn('What is it?', other)] }), {
    code: 'invalid_request',
    message: /tiles of 56 pixels, this model takes 112/,
  });
  const own = noisePicture(description, { width: 112, height: 112 });
  const next = await answer(parts, { messages: [userTurn('What is it?', own)], generation: short });
  assert.equal(next.end.stopReason, 'length');
});

test('a stop string ends the answer before it', async (t) => {
  const { parts } = await openTinyModel(t);
  const plain = await answer(parts, { messages: [userTurn('Go.')], generation: { maxNewTokens: 30 } });
  const stop = [...plain.end.text].slice(8, 10).join('');
  const stopped = await answer(parts, {
    messages: [userTurn('Go.')],
    generation: { maxNewTokens: 30, stopStrings: [stop] },
  });
  assert.equal(stopped.end.stopReason, 'stop-string');
  assert.equal(stopped.end.text, plain.end.text.slice(0, plain.end.text.indexOf(stop)));
});

test('V2PE: δ moves positions by less, δ = 1 is the plain model', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 448, height: 224 });
  const ask = (visualPositionStep?: number) =>
    answer(parts, {
      messages: [userTurn('What is it?', picture)],
      generation: short,
      ...(visualPositionStep !== undefined && { visualPositionStep }),
    });
  const plain = await ask();
  assert.deepEqual((await ask(1)).end.tokenIds, plain.end.tokenIds);
  await ask(1 / 256);
  const { positions, pictures } = parts.sequences.kept.at(-1)!.key;
  const visual = pictures.filter((hash) => hash !== '').length;
  const expected = plain.promptIds.length - 1 - visual + visual / 256;
  assert.ok(Math.abs(positions[plain.promptIds.length - 1]! - expected) < 1e-9);
});

test('V2PE: where pictures would pass the context at δ = 1, the largest δ that fits is taken and told', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 448, height: 336 });
  const request = { messages: [userTurn('What is it?', picture)], generation: short };
  const plain = await answer(parts, request);
  assert.equal(plain.end.visualPositionStep, 1);
  const visual = picture.tileCount * parts.visualTokensPerTile;
  const text = plain.promptIds.length - visual;
  const inContext = (contextLength: number) => {
    const { decoder } = parts;
    return answer(
      { ...parts, decoder: { ...decoder, config: { ...decoder.config, contextLength } } },
      request,
    );
  };
  const quarter = await inContext(text + visual / 4 + 20);
  assert.equal(quarter.end.visualPositionStep, 1 / 4);
  assert.equal(parts.sequences.kept.at(-1)!.key.positions[plain.promptIds.length - 1], text - 1 + visual / 4);
  const same = await answer(parts, { ...request, visualPositionStep: 1 / 4 });
  assert.deepEqual(same.end.tokenIds, quarter.end.tokenIds);
  await assert.rejects(inContext(text), { code: 'context_too_long' });
  assert.equal(
    (await answer(parts, { messages: [userTurn('Hi')], generation: short })).end.visualPositionStep,
    undefined,
  );
});
