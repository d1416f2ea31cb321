/** An answer's figures, on demand: how fast it came and what it was made with. */
import { Popover, Table, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Generation } from '../../../preload/contract/conversations.ts';
import css from './chat.module.css';

export function AnswerStatistics({ generation }: { generation: Generation }) {
  const { t, i18n } = useTranslation('chat');
  const number = (value: number, digits = 1) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(value);
  const seconds = (ms: number) => t('statistics.seconds', { seconds: number(ms / 1000, 2) });
  const speed = generation.decodeMs > 0 ? (generation.newTokens / generation.decodeMs) * 1000 : 0;
  // Answers of another machine are marked where they stand, not only in their figures.
  const host = /^remote:(.+)$/.exec(generation.device)?.[1];
  const rows: [string, string][] = [
    [t('statistics.firstToken'), seconds(generation.firstTokenMs)],
    [t('statistics.speed'), t('statistics.tokensPerSecond', { speed: number(speed) })],
    [t('statistics.total'), seconds(generation.totalMs)],
    [t('statistics.vision'), seconds(generation.visionMs)],
    [t('statistics.reading'), seconds(generation.prefillMs)],
    [t('statistics.promptTokens'), number(generation.promptTokens, 0)],
    [t('statistics.reusedTokens'), number(generation.reusedPromptTokens, 0)],
    [t('statistics.visualTokens'), number(generation.visualTokens, 0)],
    ...positionStepRow(generation.visualPositionStep),
    [t('statistics.newTokens'), number(generation.newTokens, 0)],
    [t('statistics.model'), generation.modelName],
    ...(host
      ? [[t('statistics.device'), t('statistics.elsewhere', { host })] as [string, string]]
      : ([
          [t('statistics.precision'), `${generation.visionPrecision} · ${generation.decoderPrecision}`],
          [t('statistics.device'), generation.device],
        ] as [string, string][])),
    [t('statistics.seed'), `${generation.seed}`],
  ];
  function positionStepRow(step: number | undefined): [string, string][] {
    // 1/2 … 1/256: what is below 1 was needed to fit the context.
    return step === undefined
      ? []
      : [[t('statistics.positionStep'), step < 1 ? `1/${number(1 / step, 0)}` : '1']];
  }
  const short = t('statistics.short', {
    speed: number(speed),
    seconds: number(generation.firstTokenMs / 1000, generation.firstTokenMs < 100 ? 2 : 1),
  });
  const shown = host ? `${short} · ${t('statistics.elsewhere', { host })}` : short;
  return (
    <Popover position="top-start" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={css.statistics} aria-label={`${shown} · ${t('statistics.show')}`}>
          {shown}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Table withRowBorders={false} verticalSpacing={2} fz="sm">
          <Table.Tbody>
            {rows.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} c="dimmed">
                  {name}
                </Table.Th>
                <Table.Td ta="end">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Popover.Dropdown>
    </Popover>
  );
}
