/** An answer's Markdown as React nodes: no HTML of the model's, no picture or link ever fetched. */
import { Badge, Tooltip } from '@mantine/core';
import { IconExternalLink, IconPhotoOff } from '@tabler/icons-react';
import { memo, type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown, { type Components } from 'react-markdown';
import rehypeHighlight from 'rehype-highlight';
import rehypeKatex from 'rehype-katex';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import remend from 'remend';
import { api } from '../../api.ts';
import { showFailure } from '../show-failure.ts';
import { BoxMention } from './box-mention.tsx';
import { CodeBlock } from './code-block.tsx';
import { displayFormulae } from './display-formulae.ts';
import css from './markdown.module.css';
import { mentionPlaces, placeLink } from './mention-places.ts';
import { PlaceMention } from './place-mention.tsx';
import { readLink } from './safe-link.ts';
import { splitBlocks } from './split-blocks.ts';
import { TableBlock } from './table-block.tsx';

interface MarkdownProps {
  text: string;
  /** More is coming: the last block is mended so that half a table or fence already looks like one. */
  isGrowing?: boolean;
}

export function Markdown({ text, isGrowing = false }: MarkdownProps) {
  const blocks = useMemo(() => splitBlocks(text), [text]);
  return (
    <div className={css.markdown} dir="auto">
      {blocks.map((block, at) => (
        // Blocks only grow at the end, so their place is their name.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Block key={at} text={isGrowing && at === blocks.length - 1 ? remend(block) : block} />
      ))}
    </div>
  );
}

/** Links of our own making, from an answer's words to a box on the picture. */
const boxLink = '#box-';

const isOwnLink = (url: string) => url.startsWith(boxLink) || url.startsWith(placeLink);

const components: Components = {
  a: ({ href, children }) =>
    href?.startsWith(boxLink) ? (
      <BoxMention id={href.slice(boxLink.length)}>{children}</BoxMention>
    ) : href?.startsWith(placeLink) ? (
      <PlaceMention name={href.slice(placeLink.length)}>{children}</PlaceMention>
    ) : (
      <ExternalLink href={href}>{children}</ExternalLink>
    ),
  img: ({ src, alt }) => <PictureChip src={typeof src === 'string' ? src : undefined} alt={alt} />,
  pre: ({ children, node }) => {
    const code = node?.children[0];
    const className = code?.type === 'element' ? code.properties.className : undefined;
    const names = Array.isArray(className) ? className.map(String) : [];
    const language = names.find((name) => name.startsWith('language-'))?.slice('language-'.length) ?? '';
    return (
      <CodeBlock language={language} text={textOf(code)}>
        {children}
      </CodeBlock>
    );
  },
  table: ({ children }) => <TableBlock>{children}</TableBlock>,
  // The mark of a list of tasks: nothing to click.
  input: ({ checked }) => <span>{checked ? '☑' : '☐'}</span>,
};

const remarkPlugins = [remarkGfm, remarkMath, displayFormulae, mentionPlaces];
const rehypePlugins: Parameters<typeof ReactMarkdown>[0]['rehypePlugins'] = [
  [rehypeKatex, { trust: false, strict: 'ignore', maxExpand: 100, maxSize: 20, throwOnError: false }],
  [rehypeHighlight, { detect: false }],
];

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown
      remarkPlugins={remarkPlugins}
      rehypePlugins={rehypePlugins}
      components={components}
      urlTransform={(url) => (isOwnLink(url) ? url : (readLink(url)?.url ?? ''))}
    >
      {text}
    </ReactMarkdown>
  );
});

function ExternalLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const { t } = useTranslation('chat');
  const link = readLink(href);
  if (!link) return <span>{children}</span>;
  // A button and no anchor: nothing here can be followed but through the one guarded way.
  return (
    <Tooltip label={t('link.opens', { host: link.host })}>
      <button
        type="button"
        className={css.link}
        onClick={() => void api.openLink({ url: link.url }).catch(showFailure)}
      >
        {children}
        <IconExternalLink size={13} aria-hidden />
      </button>
    </Tooltip>
  );
}

/** A picture that an answer names is on somebody's server, and asking for it would tell them. */
function PictureChip({ src, alt }: { src: string | undefined; alt: string | undefined }) {
  const { t } = useTranslation('chat');
  const link = readLink(src);
  return (
    <Badge variant="outline" color="gray" tt="none" leftSection={<IconPhotoOff size={12} />}>
      {link ? t('link.pictureNotLoaded', { host: link.host }) : (alt ?? t('link.picture'))}
    </Badge>
  );
}

interface HastNode {
  type: string;
  value?: string;
  children?: HastNode[];
}

function textOf(node: unknown): string {
  const { value = '', children = [] } = (node ?? {}) as HastNode;
  return value + children.map(textOf).join('');
}
