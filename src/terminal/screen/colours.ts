/** Colours by meaning, and how a terminal shows them. The values are the page's tokens. */

/** How many colours a terminal has. */
export type ColourDepth = 'none' | '16' | '256' | 'true';

/** Whether text is light on dark ground, or the reverse. */
export type Ground = 'dark' | 'light';

/**
 * `ink` is the terminal's own colour. Red, amber and violet are for states alone; `s1` to `s5` are series, `hover` is the ground
 * of the selected row.
 */
export const COLOURS = [
  'ink',
  'ink2',
  'ink3',
  'line',
  'accent',
  'crit',
  'warn',
  'unk',
  's1',
  's2',
  's3',
  's4',
  's5',
  'hover',
] as const;
export type Colour = (typeof COLOURS)[number];

interface Shades {
  readonly rgb: number;
  /** Of the 256: 16 to 231 are a cube, 232 to 255 are grey. */
  readonly indexed: number;
  /** 0 to 15; 8 and above are bright. */
  readonly basic: number;
}

const of = (rgb: number, indexed: number, basic: number): Shades => ({ rgb, indexed, basic });

const SHADES: Readonly<Record<Ground, Readonly<Record<Exclude<Colour, 'ink'>, Shades>>>> = {
  dark: {
    ink2: of(0xabb3be, 250, 7),
    ink3: of(0x8a93a0, 245, 8),
    line: of(0x4a525d, 240, 8),
    accent: of(0x6ba8ff, 75, 12),
    crit: of(0xff7566, 209, 9),
    warn: of(0xf2b632, 214, 11),
    unk: of(0xb7a1ee, 141, 13),
    s1: of(0x6ba8ff, 75, 12),
    s2: of(0x6fe0b8, 79, 14),
    s3: of(0xc278cf, 176, 13),
    s4: of(0xd7e3f4, 254, 15),
    s5: of(0x8a93a0, 245, 8),
    hover: of(0x2a313a, 236, 8),
  },
  light: {
    ink2: of(0x47505b, 240, 0),
    ink3: of(0x626b77, 243, 8),
    line: of(0xb4bac2, 249, 7),
    accent: of(0x1d5fd0, 26, 4),
    crit: of(0xbf2418, 124, 1),
    warn: of(0x8a5600, 94, 3),
    unk: of(0x6546b5, 61, 5),
    s1: of(0x1d5fd0, 26, 4),
    s2: of(0x0f8a6a, 29, 6),
    s3: of(0x9c3fae, 133, 5),
    s4: of(0x1b2a41, 17, 0),
    s5: of(0x626b77, 243, 8),
    hover: of(0xdfe3e9, 254, 7),
  },
};

type Environment = Readonly<Record<string, string | undefined>>;

/** From NO_COLOR, COLORTERM and TERM. */
export function colourDepth({ NO_COLOR, COLORTERM = '', TERM = '' }: Environment): ColourDepth {
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb' || TERM.startsWith('vt')) return 'none';
  if (/^(?:truecolor|24bit)$/i.test(COLORTERM) || TERM.endsWith('-direct')) return 'true';
  return TERM.includes('256color') ? '256' : '16';
}

/** From COLORFGBG, such as `15;0`, whose last part is the ground. Default: dark. */
export function groundOf({ COLORFGBG = '' }: Environment): Ground {
  return /(?:^|;)(?:7|15)$/.test(COLORFGBG) ? 'light' : 'dark';
}

/** Whether the terminal draws braille and blocks: by the encoding of the locale; the Linux console has no such font. */
export function drawsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM = '' }: Environment): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((name) => name !== undefined && name !== '') ?? '';
  return /utf-?8/i.test(locale) && !['linux', 'dumb'].includes(TERM);
}

/** SGR parameters of a foreground or background; `39` and `49` are the terminal's own. */
export function sgrColour(colour: Colour, on: 'text' | 'ground', depth: ColourDepth, ground: Ground): string {
  const base = on === 'text' ? 30 : 40;
  if (colour === 'ink' || depth === 'none') return String(base + 9);
  const { rgb, indexed, basic } = SHADES[ground][colour];
  if (depth === 'true') return `${base + 8};2;${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}`;
  if (depth === '256') return `${base + 8};5;${indexed}`;
  return String(basic < 8 ? base + basic : base + 60 + basic - 8);
}
