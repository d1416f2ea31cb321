/** The asker's side of the convert process. */
import type { z } from 'zod';
import type { ConversionEvent, ConvertClient, ConvertContract } from './convert-contract.ts';

export { type ModelFolder, manifestFile, openModelFolder } from '../conversion/model-folder.ts';
export { recipeVersion } from '../conversion/recipe-version.ts';
export type { Precision } from '../inference/generation-types.ts';

export type ConversionProgress = Extract<ConversionEvent, { type: 'progress' }>;

/**
 * Converts a checkpoint folder into a model folder.
 * @returns false when the signal was aborted before it was whole; then nothing is left of it
 */
export async function convertInto(
  client: ConvertClient,
  request: z.input<ConvertContract['convertCheckpoint']['input']>,
  options: { onProgress?: (progress: ConversionProgress) => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  let done = false;
  for await (const event of client.convertCheckpoint(request, options.signal)) {
    if (event.type === 'progress') options.onProgress?.(event);
    else done = true;
  }
  return done;
}
