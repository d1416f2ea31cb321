/** Boxes in an answer: its text with a mention in place of each, and where on the question's picture they lie. Pure. */
import {
  createGroundingParser,
  type GroundingReference,
} from '../../../native-models/text/grounding-parser.ts';
import type { Box, Part } from '../../../preload/contract/attachments.ts';
import type { AttachmentId, MessageId } from '../../../preload/contract/ids.ts';

export interface PictureOfQuestion {
  attachmentId: AttachmentId;
  name: string;
  page: number | null;
  timeMs: number | null;
  /** What was shown of it; null: all. */
  cut: Box | null;
}

export interface AnswerBox {
  /** One name on the page, `<answer>-<number>`. */
  id: string;
  label: string;
  /** Shares of the whole picture. */
  box: Box;
}

export interface GroundedAnswer {
  /** Markdown, with links to `#box-<id>` where the model wrote a reference. */
  text: string;
  boxes: readonly AnswerBox[];
}

/** Boxes are written in thousandths of the picture, model-facts: 0–1000 of the whole picture. */
const modelSide = 1000;

const mentionsBoxes = /<(?:ref|box|quad)>/;

/**
 * @param answer.isGrowing a reference that is not whole yet is held back instead of shown as tags
 * @param cut the region that was asked about: its boxes are told as shares of the whole picture again
 */
export function readGroundedAnswer(
  answer: { id: MessageId; text: string; isGrowing: boolean },
  cut: Box | null,
): GroundedAnswer {
  if (!mentionsBoxes.test(answer.text)) return { text: answer.text, boxes: [] };
  const parser = createGroundingParser();
  const segments = [...parser.push(answer.text), ...(answer.isGrowing ? [] : parser.flush())];
  const boxes: AnswerBox[] = [];
  const mention = (reference: GroundingReference) =>
    reference.boxes
      .map((corners) => {
        const number = boxes.length + 1;
        const label = reference.label?.trim() || `${number}`;
        const id = `${answer.id}-${number}`;
        boxes.push({ id, label, box: withinCut(shareOf(corners), cut) });
        return `[${escaped(label)}](#box-${id})`;
      })
      .join(' ');
  const text = segments
    .map((segment) => (segment.type === 'text' ? segment.text : mention(segment)))
    .join('');
  return { text, boxes };
}

/** The picture that an answer's boxes lie on: the first of the question that an answer follows. */
export function firstPicture(parts: readonly Part[]): PictureOfQuestion | null {
  for (const part of parts) {
    if (part.type === 'text') continue;
    const file = { attachmentId: part.attachmentId, name: part.name, page: null, timeMs: null, cut: null };
    if (part.type === 'picture') return file;
    if (part.type === 'region') return { ...file, page: part.page, timeMs: part.timeMs, cut: part.box };
    if (part.type === 'film') return { ...file, timeMs: part.frameTimesMs[0] ?? part.startMs };
    const shown = part.pages.find(({ as }) => as !== 'text');
    if (shown) return { ...file, page: shown.page };
  }
  return null;
}

function shareOf([x1, y1, x2, y2]: readonly [number, number, number, number]): Box {
  return {
    x: x1 / modelSide,
    y: y1 / modelSide,
    width: (x2 - x1) / modelSide,
    height: (y2 - y1) / modelSide,
  };
}

function withinCut(box: Box, cut: Box | null): Box {
  if (!cut) return box;
  return {
    x: cut.x + box.x * cut.width,
    y: cut.y + box.y * cut.height,
    width: box.width * cut.width,
    height: box.height * cut.height,
  };
}

/** A label is the model's words, and no Markdown of ours. */
function escaped(label: string): string {
  return label.replaceAll(/\s+/g, ' ').replaceAll(/[!-/:-@[-`{-~]/g, '\\$&');
}
