import type { UITheme } from '@bull-board/api/typings/app';

const FONTS = {
  'font-sans': "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif",
  'font-mono': "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
} as const;

/** The dashboard's own fonts and accent, so that the two look like one. */
export const BOARD_THEME: UITheme = {
  light: { ...FONTS, primary: '#1f6f54', 'sidebar-primary': '#1f6f54' },
  dark: { ...FONTS, primary: '#5cc59b', 'sidebar-primary': '#5cc59b' },
};
