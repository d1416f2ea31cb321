/** A question with what belongs to it: documents as text in front, pictures and frames where the card's words put them. */
import { cliQuestion, placePictures } from '../../native-models/process/engine-client.ts';
import type { PictureId, WireMessage } from '../../native-models/process/engine-contract.ts';
import { filmQuestion, type ShownFile } from '../../native-models/process/media-client.ts';

/**
 * The parts of a user message. Pictures come first, or where the question has `<image>`; documents come before both.
 * @throws AppError `invalid_request` where placeholders and pictures don't match
 */
export function userMessageParts(
  question: string,
  attached: { pictureIds: PictureId[]; shown: ShownFile[]; documents: { name: string; text: string }[] },
): WireMessage['parts'] {
  const inFront = attached.documents.map(({ name, text }) => ({
    type: 'text' as const,
    text: `${name}:\n${text}\n\n`,
  }));
  const asked = place(question, attached.shown, attached.pictureIds).map((part) =>
    part.type === 'text' ? part : { type: 'pictures' as const, pictureIds: part.pictures },
  );
  return [...inFront, ...asked];
}

/** Finds out before minutes go into the model whether the question's placeholders match its pictures; throws as above. */
export function checkPlaceholders(question: string, shown: ShownFile[]): void {
  const counts = shown.map((file) => (file.kind === 'film' ? file.frameCount : 1));
  place(question, shown, new Array(counts.reduce((sum, count) => sum + count, 0)).fill(null));
}

function place<Picture>(question: string, shown: ShownFile[], pictures: Picture[]) {
  const hasFilm = shown.some(({ kind }) => kind === 'film');
  const asked = hasFilm ? filmQuestion(question, shown) : cliQuestion(question, pictures.length);
  return placePictures(asked, pictures, { firstTurn: true });
}
