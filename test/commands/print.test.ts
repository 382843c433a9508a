import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { historyLines, listLines, silenceLines, windowLines } from '../../src/commands/alerts/list-text.ts';
import { columns } from '../../src/commands/columns.ts';
import type { Terminal } from '../../src/commands/command.ts';
import { deadLetterList } from '../../src/commands/dead-letter/list.ts';
import { jsonText, print, printData } from '../../src/commands/print.ts';
import { describeProblem } from '../../src/commands/read-config.ts';
import { jsonLine, textLine } from '../../src/logging/format.ts';
import { tempFolder } from '../config/temp-folder.ts';

/** Sets the title, moves the cursor, reverses text; the one-byte forms; a second line. */
const ATTACK = 'web\u001b]0;pwn\u0007\u001b[2A\u202egnp\u009b31m\u200bx\rfake';
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/;

function recorded(isTTY = false) {
  const parts: (string | Uint8Array)[] = [];
  const stream = { isTTY, write: (part: string | Uint8Array) => parts.push(part) > 0 };
  return { stream, text: () => parts.map((part) => Buffer.from(part as Uint8Array).toString()).join('') };
}

describe('H-008: no escape sequence reaches the terminal', () => {
  test('text: they are shown; newlines and tabs are kept', () => {
    const { stream, text } = recorded();
    print(stream, `one\ttwo\n${ATTACK}`);
    expect(text()).toBe('one\ttwo\nweb\\x1b]0;pwn\\x07\\x1b[2A\\u{202e}gnp\\x9b31m\\u{200b}x\\x0dfake\n');
  });

  test('JSON: the document is equal', () => {
    const value = { [ATTACK]: [ATTACK, 'ü😀'] };
    expect(jsonText(value)).not.toMatch(UNSAFE);
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });

  test('line protocol: shown on a terminal, as it is in a pipe', () => {
    const [terminal, pipe] = [recorded(true), recorded(false)];
    printData(terminal.stream, Buffer.from(`m,a=${ATTACK} v=1\n`));
    printData(pipe.stream, Buffer.from(`m,a=${ATTACK} v=1\n`));
    expect(terminal.text()).not.toMatch(UNSAFE);
    expect(terminal.text()).toMatch(/ v=1\n$/);
    expect(pipe.text()).toBe(`m,a=${ATTACK} v=1\n`);
  });

  test('tables: a row stays one line, and the columns are aligned', () => {
    expect(
      columns(
        [
          ['a\nb', 'x'],
          ['\u001b[31m', 'y'],
        ],
        ['left', 'left'],
      ),
    ).toEqual(['a\\nb      x', '\\x1b[31m  y']);
  });

  test('lists of alerts, silences, windows and history', () => {
    const alert = {
      fingerprint: 'f',
      rule: ATTACK,
      level: 'crit',
      host: ATTACK,
      tags: { [ATTACK]: `${ATTACK}\nnew` },
      startsAt: 0,
    };
    const lines = [
      ...listLines([{ alert, state: 'firing', suppressed: [ATTACK] }] as never, 1),
      ...silenceLines(
        [{ id: ATTACK, state: 'active', match: { host: ATTACK }, until: 1, by: ATTACK, comment: ATTACK }] as never,
        0,
      ),
      ...windowLines([{ rule: ATTACK, series: 1, covered: 1, needed: 2 }] as never),
      ...historyLines([
        { at: 0, kind: 'transition', reason: 'fired', rule: ATTACK, host: ATTACK, detail: { text: ATTACK } },
      ] as never),
    ];
    const { stream, text } = recorded();
    print(stream, lines.join('\n'));
    expect(text()).toMatch(/\\x1b\]0;pwn/);
    expect(text()).not.toMatch(UNSAFE);
    expect(
      text()
        .split('\n')
        .filter((line) => line.startsWith('new')),
    ).toEqual([]);
  });

  test('dead-letter list, as text and as JSON', async () => {
    const folder = tempFolder();
    const state = join(folder, 'state');
    mkdirSync(state);
    const reason = JSON.stringify(`no: ${ATTACK}`);
    writeFileSync(
      join(state, 'dead-letter.lp'),
      `# 2026-01-31T12:00:00.000Z output=a lines=1 reason=${reason}\nm v=1\n`,
    );
    writeFileSync(join(folder, 'healthd.yaml'), `agent: { state_dir: '${state}' }\noutputs: [discard]\n`);
    const environment = { HEALTHD_CONFIG_OWNER: String(process.getuid?.() ?? 0) };
    for (const json of [false, true]) {
      const { stream, text } = recorded(true);
      const terminal = { stdout: stream, stderr: stream, environment, cwd: folder } as unknown as Terminal;
      await deadLetterList({ json }, terminal);
      expect(text()).toContain('pwn');
      expect(text()).not.toMatch(UNSAFE);
    }
  });

  test('errors and the log', () => {
    expect(describeProblem(new Error(`server said ${ATTACK}`))).not.toMatch(UNSAFE);
    const entry = {
      level: 'warn',
      message: ATTACK,
      name: 'inputs.x',
      meta: { [`k`]: ATTACK, o: { a: ATTACK } },
      time: 0,
    } as const;
    expect(textLine(entry, false)).not.toMatch(UNSAFE);
    expect(jsonLine(entry)).not.toMatch(UNSAFE);
    expect(JSON.parse(jsonLine(entry))).toMatchObject({ message: ATTACK });
  });

  test('commands write through print.ts only', () => {
    const folder = join(import.meta.dirname, '../../src/commands');
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.ts') && name !== 'print.ts');
    const raw = files.filter((name) =>
      /\b(stdout|stderr|stream|terminal)\.write\(|console\.log|process\.std(out|err)/.test(
        readFileSync(join(folder, name), 'utf8'),
      ),
    );
    expect(files.length).toBeGreaterThan(30);
    expect(raw).toEqual([]);
  });
});
