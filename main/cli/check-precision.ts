/** `check`: what a converted model's precision costs in truth, measured in a child of its own beside the checkpoint. */
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CheckPart,
  type CheckSample,
  checkModelPrecision,
  checkTiling,
  describeFidelity,
  type FidelityReport,
  openModelFolder,
  readSampleList,
} from '../../native-models/process/convert-client.ts';
import { inspectFile, openPicture, readText } from '../../native-models/process/media-client.ts';
import type { RunContext } from './run-context.ts';

const sampleFolder = fileURLToPath(new URL('../../assets/fidelity', import.meta.url));

/** What is asked about a picture that a person adds; the answer only gives both models the same words to predict. */
const addedWords = {
  question: 'Please describe the image in detail.',
  answer: 'The image shows the following.',
};

export interface CheckOptions {
  /** The checkpoint folder that the model was converted from. */
  checkpoint: string;
  /** Pictures, pages and texts of one's own, besides the samples that come with the app. */
  files?: readonly string[];
  /** Only measure: store nothing wider. */
  measureOnly?: boolean;
}

/**
 * Checks a model folder, with progress and the report on the terminal; the folder's manifest then holds the report.
 * @returns null when aborted
 */
export async function checkPrecision(
  run: RunContext,
  folder: string,
  options: CheckOptions,
): Promise<FidelityReport | null> {
  const path = resolve(folder);
  const samples = await openSamples(run, await openModelFolder(path), options.files ?? []);
  if (!samples) return null;
  const child = run.children.convert();
  try {
    const report = await checkModelPrecision(
      child.client,
      {
        checkpoint: resolve(options.checkpoint),
        folder: path,
        samples,
        keepWider: !options.measureOnly,
      },
      {
        signal: run.signal,
        onProgress: ({ part, done, total }) =>
          run.terminal.showStatus(`${partNames[part]}: ${Math.floor((100 * done) / Math.max(total, 1))} %`),
      },
    );
    run.terminal.clearStatus();
    if (!report) return null;
    for (const { sentence } of describeFidelity(report)) run.terminal.say(`${sentence}\n`);
    return report;
  } finally {
    run.terminal.clearStatus();
    await child.shutdown();
  }
}

const partNames: Record<CheckPart, string> = {
  vision: 'Comparing what the model sees',
  'vision-fallbacks': 'Looking for parts of the eye to keep wider',
  text: 'Comparing what the model says',
  'text-fallbacks': 'Looking for parts of the language model to keep wider',
};

type ModelFolder = Awaited<ReturnType<typeof openModelFolder>>;

/** The app's samples and a person's own files; null when aborted. */
async function openSamples(
  run: RunContext,
  { manifest }: ModelFolder,
  files: readonly string[],
): Promise<CheckSample[] | null> {
  const media = run.children.media();
  const open = async (path: string, said: { question: string; answer: string }) => {
    run.terminal.showStatus(`Reading ${basename(path)}…`);
    const request = { source: { path }, ...checkTiling(manifest) };
    const opened = await openPicture(media.client, request, run.signal);
    return opened && { picture: opened.picture, ...said };
  };
  try {
    const list = await readSampleList(sampleFolder);
    const samples: CheckSample[] = list.texts.map((text) => ({ text }));
    for (const { path, ...said } of list.pictures) {
      const sample = await open(path, said);
      if (!sample) return null;
      samples.push(sample);
    }
    for (const file of files) {
      const path = resolve(file);
      const { kind } = await inspectFile(media.client, { path });
      const text =
        kind === 'document' && (await readText(media.client, { source: { path }, part: {} }, run.signal));
      const sample = text || (kind !== 'document' && (await open(path, addedWords)));
      if (!sample || run.signal.aborted) return null;
      samples.push('text' in sample ? { text: sample.text } : sample);
    }
    return samples;
  } finally {
    run.terminal.clearStatus();
    await media.shutdown();
  }
}
