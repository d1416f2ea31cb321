/** The look: calm paper and ink with one teal accent, in light, dark and high contrast. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';
import type { Settings } from '../preload/contract/settings.ts';

const teal: MantineColorsTuple = [
  '#e9f7f6',
  '#d5ebe9',
  '#a9d6d3',
  '#7ac0bb',
  '#53aea8',
  '#3aa29b',
  '#2a9c95',
  '#188881',
  '#046c66',
  '#00544f',
];

/** Warm greys, so that long texts stand on paper and not on steel. */
const gray: MantineColorsTuple = [
  '#faf9f7',
  '#f2f0ed',
  '#e8e5e0',
  '#d9d5ce',
  '#bdb8af',
  '#98938a',
  '#75716a',
  '#57544e',
  '#3b3935',
  '#24231f',
];

const dark: MantineColorsTuple = [
  '#d5d3ce',
  '#b6b3ad',
  '#8f8c86',
  '#66645f',
  '#45433f',
  '#383733',
  '#2b2a27',
  '#21201e',
  '#1a1918',
  '#131211',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 8, dark: 8 },
  colors: { teal, gray, dark },
  defaultRadius: 'md',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
  headings: { fontWeight: '650', textWrap: 'balance' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // A hidden element that takes the focus first is no menu item, which axe rightly finds.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
  },
});

/** Words on coloured or dimmed ground keep a contrast of 4.5 and more; high contrast takes pure ends. */
export const cssVariables =
  (look: Settings['theme']): CSSVariablesResolver =>
  () => {
    const strong = look === 'contrast';
    return {
      variables: {},
      light: {
        '--mantine-color-dimmed': strong ? '#000' : 'var(--mantine-color-gray-7)',
        '--mantine-color-placeholder': strong ? '#222' : 'var(--mantine-color-gray-7)',
        '--mantine-color-default-border': strong ? '#000' : 'var(--mantine-color-gray-3)',
        '--app-ground': strong ? '#fff' : 'var(--mantine-color-gray-0)',
        '--app-raised': '#fff',
        '--app-side': strong ? '#fff' : 'var(--mantine-color-gray-1)',
        '--app-question': strong ? '#fff' : 'var(--mantine-color-gray-2)',
        '--app-code-keyword': '#8a2560',
        '--app-code-string': '#17633c',
        '--app-code-number': '#8a4b08',
        '--app-code-title': '#1f4f8f',
        '--mantine-color-text': strong ? '#000' : 'var(--mantine-color-gray-9)',
      },
      dark: {
        '--mantine-color-dimmed': strong ? '#fff' : 'var(--mantine-color-dark-1)',
        '--mantine-color-placeholder': strong ? '#ddd' : 'var(--mantine-color-dark-1)',
        '--mantine-color-default-border': strong ? '#fff' : 'var(--mantine-color-dark-4)',
        '--app-ground': strong ? '#000' : 'var(--mantine-color-dark-8)',
        '--app-raised': strong ? '#000' : 'var(--mantine-color-dark-7)',
        '--app-side': strong ? '#000' : 'var(--mantine-color-dark-9)',
        '--app-question': strong ? '#000' : 'var(--mantine-color-dark-6)',
        '--app-code-keyword': '#f0a4cb',
        '--app-code-string': '#8fd6ae',
        '--app-code-number': '#f0c084',
        '--app-code-title': '#9cc4f5',
        '--mantine-color-text': strong ? '#fff' : 'var(--mantine-color-dark-0)',
      },
    };
  };
