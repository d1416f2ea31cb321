/** Boxes of an answer as a file for other programs: in pixels of the upright picture, or in points of a PDF's page. */
import {
  convertBox,
  createGroundingParser,
  type GroundingReference,
  splitThinking,
} from '../../../native-models/process/answer-texts.ts';
import { openPicture } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { generationContract } from '../../../preload/contract/generation.ts';
import { type Passwords, sourceOf, withNamedFaults } from '../attachments/attachment-source.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import { fileNameFor } from '../handlers/file-name-for.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import { type BoxesOnPicture, writeCoco, writePlainBoxes } from './box-files.ts';
import { contentOf, type WantedPicture } from './message-content.ts';
import { filePartOf } from './picture-request.ts';

/** Only where the picture lies in its file is wanted, not its pixels. */
const smallestTiling = { tileSize: 16, minTiles: 1, maxTiles: 1, useThumbnail: false };

export type ExportBoxes = Handlers<typeof generationContract>['exportBoxes'];

export function boxExporter(service: {
  stores: Stores;
  media: MediaClient;
  passwords: Passwords;
}): ExportBoxes {
  const { stores, media, passwords } = service;

  /** The media process knows how the picture was turned and cut, so it is asked instead of reckoning again here. */
  async function placeOf(store: Store, wanted: WantedPicture, signal: AbortSignal) {
    const { attachmentId, name } = wanted;
    const request = {
      source: await sourceOf(store, attachmentId),
      part: filePartOf(wanted, passwords.get(attachmentId)),
      ...smallestTiling,
      asReference: false,
    };
    const opened = await withNamedFaults({ id: attachmentId, name }, () =>
      openPicture(media, request, signal),
    );
    if (!opened) throw signal.reason;
    return opened.place;
  }

  return async ({ messageId, format }, signal) => {
    const store = stores.ofMessage(messageId);
    const path = store.listPathTo(messageId);
    const references = referencesOf(path.at(-1)!);
    const wanted = pictureAskedAbout(path, store);
    if (references.length === 0 || !wanted) {
      throw new AppError('not_found', 'This answer points at nothing on a picture.');
    }
    const place = await placeOf(store, wanted, signal);
    let whole = place;
    while (whole.kind === 'region') whole = whole.parent;
    const space = whole.kind === 'page' ? ('shownPoints' as const) : ('whole' as const);
    const found: BoxesOnPicture = {
      fileName: wanted.name,
      page: wanted.page,
      timeMs: wanted.timeMs,
      unit: whole.kind === 'page' ? 'points' : 'pixels',
      width: whole.kind === 'page' ? whole.widthPoints : whole.width,
      height: whole.kind === 'page' ? whole.heightPoints : whole.height,
      boxes: references.flatMap(({ label, boxes }) =>
        boxes.map((box) => ({
          label: label?.trim() ?? '',
          box: convertBox(place, box, { from: 'model', to: space }),
        })),
      ),
    };
    const title = wanted.name.replace(/\.[^.]+$/, '');
    return {
      fileName: fileNameFor(`${title} ${format === 'coco' ? 'COCO' : 'boxes'}`, 'json'),
      text: `${JSON.stringify(format === 'coco' ? writeCoco(found) : writePlainBoxes(found), null, 2)}\n`,
    };
  };
}

function referencesOf({ parts }: Message): GroundingReference[] {
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const parser = createGroundingParser();
  const segments = [...parser.push(splitThinking(text).answer), ...parser.flush()];
  return segments.filter((segment) => segment.type === 'reference');
}

/** The first picture of the newest question with files, on which the page draws the boxes too. */
function pictureAskedAbout(path: readonly Message[], store: Store): WantedPicture | null {
  const kindOf = (id: WantedPicture['attachmentId']) => documentKindOf(store, id);
  const asked = path.findLast(
    ({ role, parts }) => role === 'user' && parts.some(({ type }) => type !== 'text'),
  );
  return (asked && contentOf(asked.parts, kindOf).pictures[0]) ?? null;
}
