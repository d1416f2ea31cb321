/** A block of code with its language and a way to copy it. */
import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import css from './markdown.module.css';

interface CodeBlockProps {
  language: string;
  text: string;
  children: ReactNode;
}

export function CodeBlock({ language, text, children }: CodeBlockProps) {
  return (
    <div className={css.code}>
      <Group justify="space-between" className={css.codeHead} wrap="nowrap">
        <Text size="xs" c="dimmed" ff="monospace">
          {language}
        </Text>
        <CopyButton text={text} />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{children}</pre>
    </div>
  );
}
