/**
 * `npm run bench -- second-question MODEL_FOLDER [RUNS]`: time until the first word of a second question about a 10-tile
 * picture, through the whole service: in the same process, after a restart with the model loaded, from process start.
 */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { createRandom } from '../../native-models/inference/random.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import { type ConversationId, type MessageId, modelIdSchema } from '../../preload/contract/ids.ts';
import { startService } from '../support/service-under-test.ts';

const [modelFolder, runs = '3'] = process.argv.slice(2);
if (!modelFolder) throw new Error('Name a converted model: npm run bench -- second-question FOLDER');
const modelId = modelIdSchema.parse('bench');
const side = 1344; // 3 × 3 tiles of 448 and the thumbnail

const profile = await mkdtemp(join(tmpdir(), 'bench-second-'));
await mkdir(join(profile, 'models'));
await symlink(resolve(modelFolder), join(profile, 'models', modelId));
const picturePath = join(profile, 'picture.jpg');
await writeFile(picturePath, await drawPicture());
let service = startService({ profile });
try {
  await service.page.updateSettings({ patch: { lastModel: modelId } });
  const figures = {
    cold: [] as number[],
    same: [] as number[],
    loaded: [] as number[],
    start: [] as number[],
  };
  for (let run = 0; run < Number(runs); run++) await measureOnce(figures);
  for (const [name, elapsedMs] of Object.entries(figures)) report(name as keyof typeof figures, elapsedMs);
} finally {
  await service.shutdown();
  await rm(profile, { recursive: true });
}

/** A conversation of its own: first question cold, the second in each way. */
async function measureOnce(figures: Record<'cold' | 'same' | 'loaded' | 'start', number[]>): Promise<void> {
  await restart(); // nothing in memory either
  await service.page.loadModel({ id: modelId });
  const { id } = await service.page.createConversation({ sampling: { maxNewTokens: 24 } });
  const uploadId = await service.upload(picturePath, 'picture.jpg');
  const { attachment, name } = await service.page.addAttachment({ uploadId });
  await service.page.clearCaches({});
  const picture: Part = { type: 'picture', attachmentId: attachment.id, name, detail: 'smallPrint' };
  const first = await ask(id, null, [picture, { type: 'text', text: 'What does this picture show?' }]);
  figures.cold.push(first.firstWordMs);
  const again = (question: string) => ask(id, first.messageId, [{ type: 'text', text: question }]);
  figures.same.push((await again('Which colour is it mostly? Answer in one word.')).firstWordMs);
  await sleep(3000); // nobody asks: what was read is kept

  await restart();
  await service.page.loadModel({ id: modelId });
  await sleep(1000);
  figures.loaded.push((await again('Is there any writing in it? Answer yes or no.')).firstWordMs);
  await sleep(3000);

  await service.shutdown();
  const startedMs = performance.now();
  service = startService({ profile });
  const last = await again('How bright is its upper half? Answer in one word.');
  figures.start.push(last.firstWordAtMs - startedMs);
}

async function ask(conversationId: ConversationId, parentId: MessageId | null, parts: Part[]) {
  const askedMs = performance.now();
  let firstWordAtMs = 0;
  const request = { type: 'question' as const, conversationId, parentId, parts };
  for await (const event of service.page.generateMessage(request)) {
    if (event.type === 'text' && firstWordAtMs === 0) firstWordAtMs = performance.now();
    if (event.type !== 'end') continue;
    if (event.error) throw new Error(event.error.message);
    const { visionMs, prefillMs, reusedPromptTokens, promptTokens, visualTokens } = event.message.generation!;
    process.stdout.write(
      `  ${promptTokens} tokens, ${visualTokens} of them visual, ${reusedPromptTokens} kept; looked ${visionMs.toFixed(0)} ms, read ${prefillMs.toFixed(0)} ms, first word after ${(firstWordAtMs - askedMs).toFixed(0)} ms\n`,
    );
    return { messageId: event.message.id, firstWordAtMs, firstWordMs: firstWordAtMs - askedMs };
  }
  throw new Error('The answer did not end.');
}

async function restart(): Promise<void> {
  await service.shutdown();
  service = startService({ profile });
}

function report(name: 'cold' | 'same' | 'loaded' | 'start', elapsedMs: number[]): void {
  const rows = {
    cold: 'first question, all caches empty',
    same: 'second question, same process',
    loaded: 'second question after a restart, model loaded',
    start: 'second question after a restart, from process start',
  };
  const sorted = elapsedMs.toSorted((a, b) => a - b).map((ms) => (ms / 1000).toFixed(2));
  const median = sorted[Math.floor(sorted.length / 2)];
  process.stdout.write(`${rows[name]}: ${median} s (${sorted[0]}–${sorted.at(-1)})\n`);
}

/** Smooth colours with grain, so that no two tiles are equal. */
async function drawPicture(): Promise<Uint8Array> {
  const random = createRandom(7);
  const pixels = Buffer.alloc(side * side * 3);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / 3);
    pixels[i] =
      120 + 80 * Math.sin((pixel % side) / (90 + 40 * (i % 3))) * Math.cos(pixel / side / 70) + random() * 30;
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}
