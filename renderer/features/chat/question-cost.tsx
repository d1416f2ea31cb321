/** What the question will cost: visual tokens, share of the context, and the wait until the first word. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { QuestionEstimate } from '../../../preload/contract/generation.ts';

export function QuestionCost({ estimate }: { estimate: QuestionEstimate | null }) {
  const { t, i18n } = useTranslation('chat');
  if (!estimate) return null;
  const share = estimate.promptTokens / estimate.contextLength;
  const seconds =
    estimate.expectedFirstTokenMs === null
      ? null
      : Math.max(1, Math.round(estimate.expectedFirstTokenMs / 1000));
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 }).format(
    share,
  );
  return (
    <Text size="xs" c={share > 1 ? 'red' : 'dimmed'} style={{ fontVariantNumeric: 'tabular-nums' }} truncate>
      {share > 1 ? t('cost.tooLong', { percent }) : t('cost.context', { percent })}
      {seconds !== null && ` · ${t('cost.seconds', { count: seconds })}`}
    </Text>
  );
}
