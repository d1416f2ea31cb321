/** The steps of a GUI agent: numbered on the screenshot and in a list. They are shown, and never executed. */
import { Group, Text, UnstyledButton } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import { pointAtBox, usePointedBox } from '../../app-state.ts';
import { CopyButton } from '../../ui/markdown/copy-button.tsx';
import type { PictureOfQuestion } from './grounded-answer.ts';
import { type ShownStep, type Spot, stepsAsJson } from './gui-steps.ts';
import css from './screen-steps.module.css';
import { stepWords } from './step-words.ts';

interface ScreenStepsProps {
  picture: PictureOfQuestion | null;
  steps: readonly ShownStep[];
  onOpen(): void;
}

const percent = (share: number) => `${share * 100}%`;
// A picture's left is left in every language.
const placeOf = ({ x, y }: Spot) => ({ left: percent(x), top: percent(y) });

export function ScreenSteps({ picture, steps, onOpen }: ScreenStepsProps) {
  const { t } = useTranslation('chat');
  const pointed = usePointedBox();
  return (
    <section className={css.steps} aria-label={t('agent.label')}>
      {picture && (
        <UnstyledButton
          className={css.picture}
          onClick={onOpen}
          aria-label={t('agent.open', { name: picture.name })}
        >
          <img src={`/${addressOf(picture)}`} alt="" />
          <Paths steps={steps} />
          {steps.map(({ id, number, spot }) =>
            spot ? (
              <span
                key={id}
                className={css.marker}
                data-number={number}
                data-pointed={id === pointed || undefined}
                style={placeOf(spot)}
                onPointerEnter={() => pointAtBox(id)}
                onPointerLeave={() => pointAtBox(null)}
              />
            ) : null,
          )}
        </UnstyledButton>
      )}
      <ol className={css.list}>
        {steps.map(({ id, step }) => (
          <li
            key={id}
            className={css.step}
            data-pointed={id === pointed || undefined}
            onPointerEnter={() => pointAtBox(id)}
            onPointerLeave={() => pointAtBox(null)}
          >
            {stepWords(step, t)}
          </li>
        ))}
      </ol>
      <Group gap="xs" wrap="nowrap">
        <IconShieldCheck size={16} aria-hidden className={css.shield} />
        <Text size="sm" c="dimmed" flex={1}>
          {t('agent.never')}
        </Text>
        <CopyButton text={stepsAsJson(steps)} label={t('agent.copy')} />
      </Group>
    </section>
  );
}

/** Lines of drags and swipes, from where they begin. */
function Paths({ steps }: { steps: readonly ShownStep[] }) {
  return (
    <svg className={css.paths} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
      {steps.map(({ id, from, spot }) =>
        from && spot ? (
          <line key={id} x1={from.x * 100} y1={from.y * 100} x2={spot.x * 100} y2={spot.y * 100} />
        ) : null,
      )}
    </svg>
  );
}

function addressOf({ attachmentId, page, timeMs }: PictureOfQuestion): string {
  return viewPath(attachmentId, {
    maxSide: 1024,
    ...(page !== null && { page }),
    ...(timeMs !== null && { timeMs }),
  });
}
