/** What the convert process does for each request. */
import type { Handlers } from '../../preload/contract/define.ts';
import { convertCheckpoint } from '../conversion/convert-checkpoint.ts';
import { checkModel } from '../fidelity/check-model.ts';
import type { CheckEvent, ConversionEvent, ConvertContract } from './convert-contract.ts';
import { createMailbox } from './mailbox.ts';
import { createPictureShelf } from './picture-shelf.ts';
import { processHandlers } from './process-contract.ts';

/** Pictures put for a check; they leave with the process. */
const shelf = createPictureShelf();

export const convertHandlers: Handlers<ConvertContract> = {
  ...processHandlers,

  async *convertCheckpoint(request, signal) {
    const progress = createMailbox<ConversionEvent>();
    const conversion = convertCheckpoint({
      ...request,
      signal,
      onProgress: ({ done, total, step }) => progress.put({ type: 'progress', done, total, step }),
    });
    conversion.then(progress.close, progress.close);
    yield* progress;
    const { folder } = await conversion;
    yield { type: 'done', folder };
  },

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
