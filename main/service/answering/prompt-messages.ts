/** A conversation's path as the engine's messages: system text, turns with their pictures, and what a full context drops. */
import { cliQuestion, placePictures } from '../../../native-models/process/engine-client.ts';
import type { PictureId, WireMessage } from '../../../native-models/process/engine-contract.ts';
import { filmQuestion } from '../../../native-models/process/media-client.ts';
import type { Message } from '../../../preload/contract/conversations.ts';

/** A picture, or the frames of one film. */
export interface ShownFile {
  kind: 'picture' | 'film';
  ids: PictureId[];
}

/** A message whose pictures are in the engine and whose documents are read. */
export interface ReadyMessage {
  id: Message['id'];
  role: Message['role'];
  /** Texts of documents and pages, each under its name. */
  documents: string;
  files: ShownFile[];
  words: string;
}

/**
 * The messages from `firstKept` on. Pictures of what was dropped stay: they come first in the oldest question that is
 * kept, numbered with its own.
 * @param systemText empty for none
 */
export function promptMessages(
  messages: readonly ReadyMessage[],
  options: { systemText: string; firstKept: number },
): WireMessage[] {
  const { systemText, firstKept } = options;
  const orphans = messages.slice(0, firstKept).flatMap(({ files }) => files);
  let picturesBefore = 0;
  const kept = messages.slice(firstKept).map((message, index) => {
    const files = index === 0 ? [...orphans, ...message.files] : message.files;
    const parts = partsOf({ ...message, files }, picturesBefore);
    picturesBefore += files.filter(({ kind }) => kind === 'picture').length;
    return { role: message.role, parts };
  });
  const system: WireMessage[] =
    systemText === '' ? [] : [{ role: 'system', parts: [{ type: 'text', text: systemText }] }];
  return [...system, ...kept];
}

/**
 * Where the turn begins that comes `turns` after the one at `from`, or the last turn where there are fewer: a turn is a
 * question with the answers behind it. Null where `from` is in the last one.
 */
export function laterTurn(messages: readonly ReadyMessage[], from: number, turns: number): number | null {
  const later = messages.flatMap(({ role }, index) => (role === 'user' && index > from ? [index] : []));
  return later[Math.min(turns, later.length) - 1] ?? null;
}

/**
 * Documents, then pictures, then the words: the card's order. A person's `<image>` is plain text, never a place.
 * @param picturesBefore pictures of earlier turns, behind which the numbers go on
 */
export function partsOf(
  { documents, files, words }: Omit<ReadyMessage, 'id' | 'role'>,
  picturesBefore = 0,
): WireMessage['parts'] {
  const text = (value: string) => (value === '' ? [] : [{ type: 'text' as const, text: value }]);
  return [...text(documents), ...placed(files, picturesBefore), ...text(words)];
}

/** One picture alone: `<image>\n`; several: `Image-1: <image>\n…`; a film's frames: `Frame1: <image>\n…`. */
function placed(files: readonly ShownFile[], picturesBefore: number): WireMessage['parts'] {
  const ids = files.flatMap((file) => file.ids);
  const isNumbered = picturesBefore > 0 || files.some(({ kind }) => kind === 'film');
  const lines = isNumbered
    ? filmQuestion(
        '',
        files.map(({ kind, ids }) => (kind === 'film' ? { kind, frameCount: ids.length } : { kind })),
        { picturesBefore },
      )
    : cliQuestion('', ids.length);
  return placePictures(lines, ids, { firstTurn: true }).map((part) =>
    part.type === 'text' ? part : { type: 'pictures', pictureIds: part.pictures },
  );
}
