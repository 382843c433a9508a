/**
 * A Slack payload as a page: the blocks and the colour bar, about as Slack's own clients show them. Packages that draw blocks
 * exist, but none that is both maintained and light.
 */

const STYLE = `
  body { margin: 0; padding: 16px 20px; background: #fff; font: 15px/1.46 Lato, "Noto Sans", "DejaVu Sans", sans-serif; color: #1d1c1d; }
  .message { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 8px; max-width: 720px; overflow-wrap: anywhere; }
  .icon { width: 36px; height: 36px; border-radius: 4px; background: #1264a3; color: #fff; display: grid; place-items: center; font-weight: 700; }
  .who { font-weight: 900; } .app { font-size: 10px; background: #ddd; border-radius: 2px; padding: 1px 3px; color: #555; vertical-align: middle; }
  .bar { border-left: 4px solid; border-radius: 4px; padding: 4px 0 4px 12px; margin-top: 6px; }
  .header { font-size: 18px; font-weight: 900; margin: 4px 0 8px; }
  .section { margin: 6px 0; white-space: pre-wrap; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; margin: 6px 0; white-space: pre-wrap; }
  .context { font-size: 13px; color: #616061; margin: 6px 0; white-space: pre-wrap; }
  hr { border: 0; border-top: 1px solid #ddd; margin: 8px 0; }
  pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0; font: 12px/1.5 "DejaVu Sans Mono", monospace; white-space: pre; }
  code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; font: 12px "DejaVu Sans Mono", monospace; color: #c01343; }
  a { color: #1264a3; text-decoration: none; }
  @media (max-width: 500px) { body { padding: 12px; } .message { grid-template-columns: 28px minmax(0, 1fr); } .icon { width: 28px; height: 28px; }
    .fields { grid-template-columns: 1fr; gap: 4px; } pre { white-space: pre-wrap; font-size: 11px; } }
  @media (prefers-color-scheme: dark) { body { background: #1a1d21; color: #d1d2d3; } .context { color: #ababad; } a { color: #1d9bd1; }
    pre, code { background: #222529; border-color: #3f4245; } code { color: #e8912d; } hr { border-color: #3f4245; } .app { background: #3f4245; color: #ababad; } }`;

/** @param payload what an incoming webhook was sent */
export function slackPage(payload) {
  const attachments = payload.attachments ?? [];
  const body = [
    ...(payload.blocks ?? []).map(block),
    ...attachments.map(
      ({ color = '#ddd', blocks = [] }) =>
        `<div class="bar" style="border-color:${color}">${blocks.map(block).join('')}</div>`,
    ),
  ];
  const text = payload.blocks === undefined && attachments.length === 0 ? mrkdwn(payload.text) : '';
  return `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>${STYLE}</style>
    <div class="message"><div class="icon">h</div><div><span class="who">healthd</span> <span class="app">APP</span>
    <div>${text}${body.join('')}</div></div></div>`;
}

function block({ type, text, fields = [], elements = [] }) {
  switch (type) {
    case 'header':
      return `<div class="header">${plain(text.text)}</div>`;
    case 'section':
      return [
        text === undefined ? '' : `<div class="section">${any(text)}</div>`,
        fields.length === 0
          ? ''
          : `<div class="fields">${fields.map((field) => `<div>${any(field)}</div>`).join('')}</div>`,
      ].join('');
    case 'context':
      return `<div class="context">${elements.map(any).join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="section">${elements.map(({ text: label }) => `<a>${plain(label.text)}</a>`).join(' · ')}</div>`;
    default:
      throw new Error(`A block of the type ${type} cannot be drawn`);
  }
}

function any({ type, text }) {
  return type === 'mrkdwn' ? mrkdwn(text) : plain(text);
}

function plain(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** In mrkdwn `&`, `<` and `>` are escaped already, as in HTML. */
function mrkdwn(text) {
  return text
    .replace(/<([^|>]+)\|([^>]+)>/g, '<a>$2</a>')
    .replace(/```([\s\S]*?)```/g, (_, code) => `<pre>${code.trim()}</pre>`)
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1<b>$2</b>')
    .replace(/(^|\s)_([^_\n]+)_/g, '$1<i>$2</i>');
}
