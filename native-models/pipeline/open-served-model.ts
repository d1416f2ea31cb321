/** A pipeline on a server: `pipeline('https://gpu.example.org:23333', { key })`. */
import { AppError } from '../../preload/contract/errors.ts';
import type { VisionLanguageModel } from '../inference/generation-types.ts';
import { openRemoteModel } from '../remote/remote-model.ts';

export interface ServedModelOptions {
  /** Of a server's address: its key; default none is sent. */
  key?: string;
  /** Of a server's address: which of its models; default its first. */
  model?: string;
}

/** What is decided where the model runs, and so by whoever started the server. */
const decidedThere = [
  'sessionLength',
  'devices',
  'tp',
  'chatTemplate',
  'precision',
  'cacheFolder',
  'threads',
];

/** @throws AppError `invalid_request` for an option that a server decides, and as `openRemoteModel` */
export async function openServedModel(
  url: string,
  options: ServedModelOptions,
): Promise<{ model: VisionLanguageModel; systemText: string | null }> {
  const refused = decidedThere.filter((name) => name in options);
  if (refused.length > 0) {
    throw new AppError(
      'invalid_request',
      `A server decides by itself about ${refused.join(', ')}. Leave it out.`,
    );
  }
  const { key = null, model = null } = options;
  const opened = await openRemoteModel({ url, model, key });
  return { model: opened, systemText: opened.description.systemText };
}
