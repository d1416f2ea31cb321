/** What the convert process does for each request. */
import type { Handlers } from '../../preload/contract/define.ts';
import { convertCheckpoint } from '../conversion/convert-checkpoint.ts';
import { importExport } from '../conversion/exports/import-export.ts';
import { mendFile } from '../conversion/mend-file.ts';
import { checkModel } from '../fidelity/check-model.ts';
import type { CheckEvent, ConversionEvent, ConvertContract } from './convert-contract.ts';
import { createMailbox } from './mailbox.ts';
import { createPictureShelf } from './picture-shelf.ts';
import { processHandlers } from './process-contract.ts';

/** Pictures put for a check; they leave with the process. */
const shelf = createPictureShelf();

export const convertHandlers: Handlers<ConvertContract> = {
  ...processHandlers,

  convertCheckpoint: (request, signal) =>
    tellingProgress(request.out, (put) =>
      convertCheckpoint({
        ...request,
        signal,
        onProgress: ({ done, total, step }) => put(done, total, step),
      }),
    ),

  importExport: (request, signal) =>
    tellingProgress(request.out, (onProgress) => importExport({ ...request, signal, onProgress })),

  mendFile: (request, signal) =>
    tellingProgress(request.folder, (onProgress) => mendFile({ ...request, signal, onProgress })),

  async putPicture({ pictureId, header, ...piece }) {
    shelf.put(pictureId, header, piece);
    return {};
  },

  async *checkPrecision({ samples, ...request }, signal) {
    const progress = createMailbox<CheckEvent>();
    const check = checkModel({
      ...request,
      samples: samples.map((sample) =>
        sample.type === 'text' ? { text: sample.text } : { ...sample, picture: shelf.get(sample.pictureId) },
      ),
      signal,
      onProgress: (step) => progress.put({ type: 'progress', ...step }),
    });
    check.then(progress.close, progress.close);
    yield* progress;
    yield { type: 'done', report: await check };
  },
};

/** Events of work that makes or mends `folder`. */
async function* tellingProgress(
  folder: string,
  begin: (put: (done: number, total: number, step?: string) => void) => Promise<unknown>,
): AsyncGenerator<ConversionEvent> {
  const progress = createMailbox<ConversionEvent>();
  const work = begin((done, total, step = '') => progress.put({ type: 'progress', done, total, step }));
  work.then(progress.close, progress.close);
  yield* progress;
  await work;
  yield { type: 'done', folder };
}
