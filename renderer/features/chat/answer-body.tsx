/** What an answer says, in the form its question asked for: words with boxes, steps on a screen, or values. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { Markdown } from '../../ui/markdown/markdown.tsx';
import { MentionedPlacesContext } from '../../ui/markdown/place-mention.tsx';
import { AnswerBoxes } from './answer-boxes.tsx';
import { BoxExport } from './box-export.tsx';
import { readJson } from './extracted-json.ts';
import { ExtractedValues } from './extracted-values.tsx';
import { type AnswerBox, type PictureOfQuestion, readGroundedAnswer } from './grounded-answer.ts';
import { readGuiSteps } from './gui-steps.ts';
import type { Asked } from './named-places.ts';
import { ScreenSteps } from './screen-steps.tsx';
import type { FilePart } from './tray.ts';
import { useMentionedPlaces } from './use-mentioned-places.ts';

export interface AnswerBodyProps {
  id: MessageId;
  /** Without thoughts. */
  text: string;
  isGrowing: boolean;
  asked: Asked;
  /** What its boxes and steps lie on. */
  picture: PictureOfQuestion | null;
  onOpenFile(part: FilePart, place: { page: number | null; timeMs: number | null }): void;
  onOpenBoxes(picture: PictureOfQuestion, boxes: readonly AnswerBox[]): void;
}

export function AnswerBody(props: AnswerBodyProps) {
  const { asked, text, isGrowing } = props;
  if (asked.task?.type === 'extraction') {
    const value = isGrowing ? null : readJson(text);
    if (value !== null) return <ExtractedValues value={value} name={asked.task.name} />;
    return <Markdown text={text === '' ? '' : `\`\`\`json\n${text}\n\`\`\``} isGrowing={isGrowing} />;
  }
  return asked.task?.type === 'agent' ? <Steps {...props} /> : <Words {...props} />;
}

function Steps({ id, text, isGrowing, picture, onOpenBoxes }: AnswerBodyProps) {
  const { t } = useTranslation('chat');
  const cut = picture?.cut ?? null;
  const read = useMemo(() => readGuiSteps({ id, text, isGrowing }, cut), [id, text, isGrowing, cut]);
  const { steps } = read;
  const marks = steps.flatMap(({ id, number, spot }) =>
    spot ? [{ id, label: t('agent.step', { number }), box: around(spot) }] : [],
  );
  return (
    <>
      {read.text.trim() !== '' && <Markdown text={read.text} isGrowing={isGrowing} />}
      {steps.length > 0 && (
        <ScreenSteps
          picture={marks.length > 0 ? picture : null}
          steps={steps}
          onOpen={() => picture && onOpenBoxes(picture, marks)}
        />
      )}
    </>
  );
}

/** A place on the large picture is a small box around it. */
function around({ x, y }: { x: number; y: number }) {
  const side = 0.02;
  return { x: Math.max(0, x - side / 2), y: Math.max(0, y - side / 2), width: side, height: side };
}

function Words({ id, text, isGrowing, asked, picture, onOpenFile, onOpenBoxes }: AnswerBodyProps) {
  const cut = picture?.cut ?? null;
  const read = useMemo(() => readGroundedAnswer({ id, text, isGrowing }, cut), [id, text, isGrowing, cut]);
  const places = useMentionedPlaces(asked, onOpenFile);
  return (
    <MentionedPlacesContext value={places}>
      {picture && read.boxes.length > 0 && (
        <AnswerBoxes picture={picture} boxes={read.boxes} onOpen={() => onOpenBoxes(picture, read.boxes)} />
      )}
      {picture && read.boxes.length > 0 && !isGrowing && <BoxExport messageId={id} />}
      <Markdown text={read.text} isGrowing={isGrowing} />
    </MentionedPlacesContext>
  );
}
