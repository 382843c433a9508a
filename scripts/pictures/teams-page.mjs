/** A Teams payload as a page, drawn by Microsoft's renderer of Adaptive Cards with colours and fonts like those of Teams. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Version 2: later ones need a library of carousels beside them, which no card here has.
const renderer = readFileSync(
  createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'),
  'utf8',
);

const FONT = '"Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
const SIZES = { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 };

const style = (text, subtle, tones, background) => ({
  backgroundColor: background,
  foregroundColors: {
    default: { default: text, subtle },
    accent: { default: tones.accent, subtle },
    good: { default: tones.good, subtle },
    warning: { default: tones.warning, subtle },
    attention: { default: tones.attention, subtle },
  },
});

function hostConfig(text, subtle, tones, backgrounds) {
  const containerStyles = Object.fromEntries(
    Object.entries(backgrounds).map(([name, background]) => [name, style(text, subtle, tones, background)]),
  );
  return {
    fontFamily: FONT,
    fontTypes: {
      default: { fontFamily: FONT, fontSizes: SIZES },
      monospace: { fontFamily: '"DejaVu Sans Mono", monospace', fontSizes: SIZES },
    },
    fontSizes: SIZES,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: subtle },
    supportsInteractivity: true,
    actions: { actionsOrientation: 'horizontal', actionAlignment: 'left' },
    factSet: { title: { weight: 'bolder', maxWidth: 170, wrap: true }, value: { wrap: true }, spacing: 12 },
    containerStyles,
  };
}

const LIGHT = hostConfig(
  '#242424',
  '#616161',
  { accent: '#5b5fc7', good: '#237b4b', warning: '#835c00', attention: '#c4314b' },
  {
    default: '#ffffff',
    emphasis: '#f5f5f5',
    accent: '#e8ebfa',
    good: '#e7f2da',
    warning: '#fbf6d9',
    attention: '#fcf4f6',
  },
);
const DARK = hostConfig(
  '#ffffff',
  '#adadad',
  { accent: '#7f85f5', good: '#92c353', warning: '#f8d22a', attention: '#f9526b' },
  {
    default: '#292929',
    emphasis: '#1f1f1f',
    accent: '#343549',
    good: '#2c3a24',
    warning: '#3d3a1e',
    attention: '#3e2a2d',
  },
);

/** Draws itself when it is loaded. */
export function teamsPage({ attachments: [{ content }] }, isDark) {
  const [page, card, text] = isDark ? ['#1f1f1f', '#292929', '#fff'] : ['#f5f5f5', '#fff', '#242424'];
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 12px; background: ${page}; color: ${text}; font: 14px "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
    #card { background: ${card}; border-radius: 6px; overflow: hidden; box-shadow: 0 1px 3px #0003; max-width: 720px; }
    .who { margin: 0 0 6px; font-weight: 600; } a { color: ${isDark ? '#7f85f5' : '#5b5fc7'}; text-decoration: none; }
    .ac-pushButton { font: inherit; padding: 5px 12px; border: 1px solid #8886; border-radius: 4px; background: none; color: inherit; }
    </style><div class="who">healthd</div><div id="card"></div><script>${renderer}</script><script>
    const { AdaptiveCard, HostConfig } = AdaptiveCards;
    // Of the Markdown of Teams: links, and characters escaped by a backslash.
    AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = text
        .replace(/\\[((?:[^\\]\\\\]|\\\\.)*)\\]\\(([^)]*)\\)/g, '<a href="$2">$1</a>')
        .replace(/\\\\([\\\\*_[\\]()\`~#])/g, '$1');
      result.didProcess = true;
    };
    const card = new AdaptiveCard();
    card.hostConfig = new HostConfig(${JSON.stringify(isDark ? DARK : LIGHT)});
    card.parse(${JSON.stringify(content).replaceAll('<', '\\u003c')});
    document.getElementById('card').append(card.render());
    </script>`;
}
