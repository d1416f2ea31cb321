/** Values that an answer was held to, as a form; lists of the same things as a table. */
import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../ui/markdown/copy-button.tsx';
import { TableBlock } from '../../ui/markdown/table-block.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { columnsOf, type Json, nameInWords } from './extracted-json.ts';
import css from './extracted-values.module.css';

export function ExtractedValues({ value, name }: { value: Json; name: string }) {
  const { t } = useTranslation('chat');
  const text = JSON.stringify(value, null, 2);
  return (
    <section className={css.values} aria-label={t('extraction.values', { name })}>
      <Value value={value} />
      <Group gap={4} className={css.actions}>
        <CopyButton text={text} label={t('extraction.copy')} />
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => saveFile(new Blob([text], { type: 'application/json' }), `${name}.json`)}
        >
          {t('extraction.save')}
        </Button>
      </Group>
    </section>
  );
}

function Value({ value }: { value: Json }): ReactNode {
  if (value === null || value === '') return <span className={css.nothing}>—</span>;
  if (typeof value !== 'object') return <span dir="auto">{String(value)}</span>;
  const columns = columnsOf(value);
  if (Array.isArray(value)) {
    if (columns) return <ValueTable rows={value as Record<string, Json>[]} columns={columns} />;
    return (
      <ul className={css.list}>
        {value.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an answer's values never change
          <li key={at}>
            <Value value={item} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <dl className={css.form}>
      {Object.entries(value).map(([key, item]) => (
        <div
          key={key}
          className={css.field}
          data-wide={(typeof item === 'object' && item !== null) || undefined}
        >
          <dt>{nameInWords(key)}</dt>
          <dd>
            <Value value={item} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ValueTable({ rows, columns }: { rows: Record<string, Json>[]; columns: string[] }) {
  return (
    <TableBlock>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {nameInWords(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an answer's rows never change
          <tr key={at}>
            {columns.map((column) => (
              <td key={column}>
                <Value value={row[column] ?? null} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableBlock>
  );
}
