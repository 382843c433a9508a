export type Style = 'title' | 'label' | 'heading' | 'quiet' | 'warning' | 'alarm';

/** Wraps a text in the codes of a style, or returns it unchanged without colours. */
export type Paint = (style: Style, text: string) => string;

/** Select graphic rendition, ECMA-48 8.3.117. The 16 basic colours follow the theme of the terminal. */
const CODES: Readonly<Record<Style, readonly [on: string, off: string]>> = {
  title: ['1;36', '22;39'],
  label: ['32', '39'],
  heading: ['2', '22'],
  quiet: ['2', '22'],
  warning: ['33', '39'],
  alarm: ['1;31', '22;39'],
};

export function palette(hasColor: boolean): Paint {
  if (!hasColor) return (_style, text) => text;
  return (style, text) => {
    const [on, off] = CODES[style];
    return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
  };
}
