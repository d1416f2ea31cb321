/**
 * Loads a model folder, asks it about one tile and prints how much the process grew and what had been foretold:
 * `measure-memory-child.ts FOLDER WORDS [DEVICES]`.
 */
import { availableMemory } from 'node:process';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { cpuDevice, parseDevices } from '../../native-models/inference/device.ts';
import { generate } from '../../native-models/inference/generate.ts';
import { placeModel } from '../../native-models/inference/layer-plan.ts';
import { visionBuffersFor } from '../../native-models/inference/memory-limits.ts';
import { estimateMemory } from '../../native-models/inference/memory-need.ts';
import { planRuns, visionPaceOf } from '../../native-models/inference/vision-encoder.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';

const [path = '', words = '0', devices = 'cpu'] = process.argv.slice(2);

const parsed = parseDevices(devices);
const { manifest } = await openModelFolder(path);
const startBytes = process.memoryUsage.rss();
const runs = planRuns(manifest.config.vision, visionPaceOf(manifest)).groups.length;
const visionBuffers = visionBuffersFor(manifest.config, runs, availableMemory());
const { parts, description } = await openModelParts(path, { devices: parsed });
const loadedBytes = process.memoryUsage.rss() - startBytes;
parts.pace.chunkTokens = 512; // as a machine reads that nobody else keeps busy
const side = description.tileSize;
const picture = makeTiles(
  { width: side, height: side, pixels: new Uint8Array(side * side * 3).fill(127) },
  { tileSize: side, minTiles: 1, maxTiles: 1, useThumbnail: false },
);
let tokens = 0;
const request = {
  messages: [
    {
      role: 'user' as const,
      parts: [
        { type: 'pictures' as const, pictures: [picture] },
        { type: 'text' as const, text: 'word '.repeat(Number(words)) },
      ],
    },
  ],
  generation: { maxNewTokens: 4 },
};
for await (const event of generate(parts, request, new AbortController().signal))
  if (event.type === 'prompt') tokens = event.tokenIds.length + 4;
const peakBytes = process.resourceUsage().maxRSS * 1024 - startBytes;
const places = placeModel(manifest.config, parsed === 'auto' ? [cpuDevice] : parsed);
const need = estimateMemory(manifest, { question: { tokens, hasPictures: true }, visionBuffers, places });
process.stdout.write(`${JSON.stringify({ tokens, loadedBytes, peakBytes, visionBuffers, need })}\n`);
process.exit(0);
