/** `models list`: what is on this machine, what each model costs and gives here, and which published one to begin with. */
import type { CatalogueEntry } from '../../../preload/contract/model-jobs.ts';
import type { ExpectedSpeed, Model } from '../../../preload/contract/models.ts';
import { findCheckpoints } from '../../service/models/checkpoints.ts';
import { freeDiskBytes } from '../../service/models/disk.ts';
import { huggingFaceCache } from '../../service/models/hub/hugging-face-cache.ts';
import { machineMemoryBytes } from '../../service/models/judge-repository.ts';
import { describeCatalogue } from '../../service/models/recommend.ts';
import type { OpenLibrary } from './open-library.ts';

/** @returns exit code */
export async function list({ json }: { json: boolean }, open: OpenLibrary): Promise<number> {
  const { library, folder, run, deviceTable } = open;
  const models = await library.list();
  const broken = await library.listBroken();
  const checkpoints = await findCheckpoints(folder, huggingFaceCache(process.env));
  const machine = { memoryBytes: machineMemoryBytes(), freeDiskBytes: await freeDiskBytes(folder) };
  const recommended = describeCatalogue(machine, deviceTable).find(({ isRecommended }) => isRecommended);
  if (json) {
    const best = recommended ?? null;
    run.terminal.say(`${JSON.stringify({ models, broken, checkpoints, recommended: best })}\n`);
    return 0;
  }
  for (const model of models) run.terminal.say(`${modelLine(model)}\n`);
  for (const { id, error } of broken) run.terminal.say(`${id}  damaged: ${error.message}\n`);
  for (const { name, sizeBytes } of checkpoints)
    run.terminal.say(`${name}  ${gigabytes(sizeBytes)} GB  checkpoint, not converted\n`);
  if (recommended) run.terminal.say(`${recommendation(recommended)}\n`);
  if (!deviceTable) run.terminal.note('How fast models are here is not measured yet: "devices" does it.');
  return 0;
}

/** One line of a list, with the verdict on its precision below. */
export function modelLine({ id, precision, remote, ...model }: Model): string {
  if (remote) return `${id}  on ${remote.host} (${remote.server}): what is asked leaves this machine`;
  const parts = [
    `${gigabytes(model.sizeBytes)} GB`,
    `vision ${precision.vision}, language ${precision.decoder}`,
    ...(model.memoryBytes ? [`${gigabytes(model.memoryBytes)} GB of memory`] : []),
    ...(model.expected ? [speed(model.expected)] : []),
    ...(model.license ? [`licence: ${model.license}`] : []),
  ];
  const [verdict] = model.fidelity ?? [];
  return [`${id}  ${parts.join('  ')}`, ...(verdict ? [`  ${verdict.sentence}`] : [])].join('\n');
}

function recommendation({ repository, weightBytes, fit, expected, license }: CatalogueEntry): string {
  const parts = [
    `${gigabytes(weightBytes)} GB to fetch`,
    `${gigabytes(fit.diskBytes)} GB converted to int4`,
    `${gigabytes(fit.memoryBytes)} GB of memory`,
    ...(expected ? [speed(expected)] : []),
    `licence: ${license}`,
  ];
  return `Best for this machine: ${repository}  ${parts.join('  ')}`;
}

const speed = ({ pageSeconds, tokensPerSecond }: ExpectedSpeed) =>
  `a page in about ${pageSeconds < 10 ? pageSeconds.toFixed(1) : Math.round(pageSeconds)} s, ${tokensPerSecond.toFixed(1)} tokens/s`;

const gigabytes = (sizeBytes: number) => (sizeBytes / 1e9).toFixed(2);
