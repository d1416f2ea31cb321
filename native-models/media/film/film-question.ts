/** The words around pictures and the frames of films, as the model was trained to read them. */

/** What a question shows: a picture, or so many frames of a film. */
export type ShownFile = { kind: 'picture' } | { kind: 'film'; frameCount: number };

/**
 * `Frame1: <image>\nFrame2: <image>\n…` and the question; each `<image>` is one tile. Source: the model card, which
 * asks about one film at a time. Pictures beside it are `Image-1: <image>\n`, and every film counts its frames from 1.
 * @param options.picturesBefore pictures of earlier turns, behind which the numbers go on; default 0
 */
export function filmQuestion(
  question: string,
  files: readonly ShownFile[],
  options: { picturesBefore?: number } = {},
): string {
  if (question.includes('<image>')) return question;
  let pictures = options.picturesBefore ?? 0;
  const lines = files.flatMap((file) =>
    file.kind === 'picture'
      ? [`Image-${++pictures}: <image>\n`]
      : Array.from({ length: file.frameCount }, (_, index) => `Frame${index + 1}: <image>\n`),
  );
  return lines.join('') + question;
}
