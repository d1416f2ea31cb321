/** A table that scrolls by itself and can be taken along as Markdown, CSV or into a spreadsheet. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../save-file.ts';
import css from './markdown.module.css';
import { type Cells, cellsOf, toCsv, toMarkdown, toTsv } from './table-text.ts';
import { writeXlsx, xlsxMediaType } from './xlsx-file.ts';

export function TableBlock({ children }: { children: ReactNode }) {
  const { t } = useTranslation('chat');
  const table = useRef<HTMLTableElement>(null);
  const copy = (write: (cells: Cells) => string) => {
    if (table.current) void navigator.clipboard.writeText(write(cellsOf(table.current)));
  };
  const save = (ending: 'csv' | 'xlsx') => {
    if (!table.current) return;
    const cells = cellsOf(table.current);
    // Excel takes a CSV for UTF-8 only where it begins with a byte order mark.
    const blob =
      ending === 'csv'
        ? new Blob([`\ufeff${toCsv(cells)}\r\n`], { type: 'text/csv;charset=utf-8' })
        : new Blob([writeXlsx(cells)], { type: xlsxMediaType });
    saveFile(blob, `${t('table.fileName')}.${ending}`);
  };
  return (
    <div className={css.table}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.tableScroll} tabIndex={0} aria-label={t('table.label')}>
        <table ref={table}>{children}</table>
      </section>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon className={css.tableMenu} variant="default" size="md" aria-label={t('table.menu')}>
            <IconCopy size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('table.copy')}</Menu.Label>
          <Menu.Item onClick={() => copy(toTsv)}>{t('table.spreadsheet')}</Menu.Item>
          <Menu.Item onClick={() => copy(toCsv)}>{t('table.csv')}</Menu.Item>
          <Menu.Item onClick={() => copy(toMarkdown)}>{t('table.markdown')}</Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('table.save')}</Menu.Label>
          <Menu.Item onClick={() => save('xlsx')}>{t('table.saveXlsx')}</Menu.Item>
          <Menu.Item onClick={() => save('csv')}>{t('table.saveCsv')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
