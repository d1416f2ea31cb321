/** The picture that an answer points into, with its boxes; pointing at one lights up its words, and the other way. */
import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import { pointAtBox, usePointedBox } from '../../app-state.ts';
import css from './answer-boxes.module.css';
import type { AnswerBox, PictureOfQuestion } from './grounded-answer.ts';

interface AnswerBoxesProps {
  picture: PictureOfQuestion;
  boxes: readonly AnswerBox[];
  onOpen(): void;
}

const percent = (share: number) => `${share * 100}%`;

export function AnswerBoxes({ picture, boxes, onOpen }: AnswerBoxesProps) {
  const { t } = useTranslation('chat');
  const pointed = usePointedBox();
  const { page, timeMs } = picture;
  const address = viewPath(picture.attachmentId, {
    maxSide: 1024,
    ...(page !== null && { page }),
    ...(timeMs !== null && { timeMs }),
  });
  return (
    <figure className={css.figure} aria-label={t('boxes.label')}>
      <UnstyledButton
        onClick={onOpen}
        aria-label={t('boxes.open', { name: picture.name })}
        className={css.picture}
      >
        <img src={`/${address}`} alt="" />
        {boxes.map(({ id, label, box }) => (
          <span
            key={id}
            className={css.box}
            data-pointed={id === pointed || undefined}
            // A picture's left is left in every language.
            style={{
              left: percent(box.x),
              top: percent(box.y),
              width: percent(box.width),
              height: percent(box.height),
            }}
            onPointerEnter={() => pointAtBox(id)}
            onPointerLeave={() => pointAtBox(null)}
          >
            <span className={css.label} dir="auto">
              {label}
            </span>
          </span>
        ))}
      </UnstyledButton>
    </figure>
  );
}
