/** Critics against the published way of scoring, step by step in PyTorch: native-models/reference/critic_goldens.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type GenerationParts, generate } from '../../native-models/inference/generate.ts';
import type { MessagePart } from '../../native-models/inference/generation-types.ts';
import { judge } from '../../native-models/inference/judge.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { criticMessages, splitSteps } from '../../native-models/text/critic-prompt.ts';
import { goldenFolder } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface ScoredSolution {
  checkpoint: string;
  kind: string;
  question: ({ type: 'text'; text: string } | { type: 'pictures'; pictures: string[] })[];
  solution: string;
  scores: number[];
}

/** Scores are probabilities near 0.5; the logits behind them keep to 1e-4 of their peak (reference/README.md). */
const tolerance = 2e-4;
const never = new AbortController().signal;
const solutions = JSON.parse(
  readFileSync(join(goldenFolder, 'critic/scores.json'), 'utf8'),
) as ScoredSolution[];

for (const [checkpoint, scored] of Map.groupBy(solutions, (entry) => entry.checkpoint)) {
  test(`${checkpoint.split('/').at(-1)}: one pass gives every step the score of a prompt of its own`, async () => {
    const { parts, description, close } = await openTiny(checkpoint);
    for (const { question, solution, scores, kind } of scored) {
      const asked = await questionOf(question, description);
      const judged = await judgeOnce(parts, { asked, solution, systemText: description.systemText });
      assert.equal(judged.scores.length, scores.length, `${kind}: ${JSON.stringify(solution)}`);
      for (const [step, score] of scores.entries())
        assert.ok(Math.abs(judged.scores[step]! - score) < tolerance, `${kind}, step ${step}: ${judged.scores}`);
    }
    await close();
  });
}

test('a second solution is read from where it parts with the first, and judged as if it came alone', async () => {
  const { parts, description, close } = await openTiny('checkpoints/g7-d64-t112-bf16');
  const { question } = solutions.find(({ kind }) => kind === 'one-picture')!;
  const asked = await questionOf(question, description);
  const { systemText } = description;
  const first = 'The ground is dark.\n\nThere is one shape.';
  const second = 'The ground is dark.\n\nThere are two shapes.';
  const alone = await judgeOnce(parts, { asked, solution: second, systemText, client: 'another' });
  assert.equal(alone.firstRead, 0);
  await judgeOnce(parts, { asked, solution: first, systemText });
  const shared = await judgeOnce(parts, { asked, solution: second, systemText });
  assert.ok(shared.firstRead > alone.total / 2, `read again from ${shared.firstRead} of ${shared.total}`);
  for (const [step, score] of alone.scores.entries()) {
    assert.ok(Math.abs(shared.scores[step]! - score) < 1e-6, `step ${step}`);
  }
  assert.notEqual(shared.scores[1], (await judgeOnce(parts, { asked, solution: first, systemText })).scores[1]);
  await close();
});

test('a solution longer than the context is refused, and an abort ends a judgement and leaves the model whole', async () => {
  const { parts, description, close } = await openTiny('checkpoints/g7-d64-t112-bf16');
  const asked: MessagePart[] = [{ type: 'text', text: 'How many?' }];
  const { systemText } = description;
  await assert.rejects(
    judgeOnce(parts, { asked, solution: 'word '.repeat(parts.decoder.config.contextLength), systemText }),
    { code: 'context_too_long' },
  );
  const stop = new AbortController();
  const messages = criticMessages(asked, ['one', 'two'], systemText);
  await assert.rejects(async () => {
    for await (const event of judge(parts, { messages }, stop.signal))
      if (event.type === 'prefill') stop.abort(new Error('enough'));
  }, /enough/);
  const { scores } = await judgeOnce(parts, { asked, solution: 'one\n\ntwo', systemText });
  assert.equal(scores.length, 2);
  const said = generate(parts, { messages, generation: { maxNewTokens: 2 } }, never);
  assert.equal((await Array.fromAsync(said)).at(-1)?.type, 'end');
  await close();
});

async function openTiny(checkpoint: string) {
  const out = join(await temporaryFolder({ after }), 'model');
  await convertCheckpoint({ checkpoint: join(goldenFolder, checkpoint), out, precision: 'fp32' });
  const { parts, description } = await openModelParts(out);
  const close = async () => {
    await parts.vision.close();
    await parts.decoder.close();
    parts.embedder.close();
  };
  return { parts, description, close };
}

async function questionOf(
  question: ScoredSolution['question'],
  { tileSize, minTiles, maxTiles, useThumbnail }: Awaited<ReturnType<typeof openTiny>>['description'],
): Promise<MessagePart[]> {
  const pictures = async (files: string[]) =>
    Promise.all(
      files.map(async (file) => {
        const path = join(goldenFolder, 'cases/pictures', file);
        const picture = await decodePicture({ path }, { asReference: true });
        return makeTiles(picture, { tileSize, minTiles, maxTiles, useThumbnail });
      }),
    );
  return Promise.all(
    question.map(async (part): Promise<MessagePart> =>
      part.type === 'text' ? part : { type: 'pictures', pictures: await pictures(part.pictures) },
    ),
  );
}

/** @returns the scores, and how much of the prompt was there already */
async function judgeOnce(
  parts: GenerationParts,
  { asked, solution, systemText, client = '' }: {
    asked: MessagePart[];
    solution: string;
    systemText: string | null;
    client?: string;
  },
): Promise<{ scores: number[]; firstRead: number; total: number }> {
  const messages = criticMessages(asked, splitSteps(solution), systemText);
  let [firstRead, total, scores]: [number, number, number[]] = [-1, 0, []];
  for await (const event of judge(parts, { messages, client }, never)) {
    if (event.type === 'judged') scores = event.scores;
    if (event.type !== 'prefill') continue;
    if (firstRead < 0) firstRead = event.done;
    total = event.total;
  }
  return { scores, firstRead, total };
}
