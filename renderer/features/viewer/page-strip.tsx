/** The pages of a document as small pictures, only the visible ones drawn. */
import { Text, UnstyledButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { thumbnailAddress } from './place-words.ts';
import classes from './viewer.module.css';

interface PageStripProps {
  attachment: Attachment;
  pageCount: number;
  page: number;
  onPage(page: number): void;
}

export function PageStrip({ attachment, pageCount, page, onPage }: PageStripProps) {
  const { t } = useTranslation('viewer');
  const list = useRef<VirtualizerHandle>(null);
  useEffect(() => {
    list.current?.scrollToIndex(page - 1, { align: 'nearest' });
  }, [page]);
  return (
    <section className={classes.pages} aria-label={t('pages')}>
      <Virtualizer ref={list} as="ul" item="li">
        {Array.from({ length: pageCount }, (_, index) => index + 1).map((number) => (
          <div key={number} className={classes.pageItem}>
            <UnstyledButton
              className={classes.pageButton}
              aria-current={number === page ? 'page' : undefined}
              aria-label={t('page', { page: number })}
              onClick={() => onPage(number)}
            >
              <img
                className={classes.pagePicture}
                src={thumbnailAddress(attachment.id, { page: number, timeMs: null }, 200)}
                alt=""
                loading="lazy"
                draggable={false}
              />
              <Text component="span" size="xs">
                {number}
              </Text>
            </UnstyledButton>
          </div>
        ))}
      </Virtualizer>
    </section>
  );
}
