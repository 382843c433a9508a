import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { CLI, runCli } from '../support/kit/cli.ts';
import { Tmux, TMUX, type TerminalSize } from '../support/kit/tmux.ts';
import { testWith } from '../support/servers/real-server.ts';

let folder: string;
let terminal: Tmux | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-top-'));
});

afterEach(() => {
  terminal?.end();
  terminal = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const SMALL = { width: 80, height: 24 };
const LARGE = { width: 200, height: 60 };

/** A shell that shows `before`, then `healthd top`. */
async function startTop(size: TerminalSize, env: Readonly<Record<string, string>> = {}): Promise<Tmux> {
  const started = new Tmux(size, { STATE_DIRECTORY: folder, HOME: folder, XDG_CONFIG_HOME: folder, ...env });
  terminal = started;
  await started.until(/^\$$/m);
  started.line(`cd ${folder}; echo bef''ore`);
  await started.until(/^before$/m);
  started.line(`${process.execPath} ${CLI} top --interval 500ms`);
  await started.until(/processes ─.* in all$/m);
  return started;
}

const inTmux = testWith(TMUX);

describe('healthd top on a terminal', () => {
  inTmux('80 × 24: one screen with all boxes and processes', async () => {
    const top = await startTop(SMALL);
    const screen = await top.until(/\d+ (?:node|tmux).* %/);
    const rows = screen.replace(/\n$/, '').split('\n');
    expect(rows).toHaveLength(24);
    expect(rows[0]).toMatch(/^\S+ +up .* load \d/);
    expect(rows[1]).toMatch(/^[✓▲◆◌]/);
    for (const title of ['1 cpu', '2 memory', '3 disks']) expect(screen).toContain(title);
    expect(rows.at(-1)).toMatch(/^q quit/);
  });

  inTmux('values are those of /proc', async () => {
    const top = await startTop(LARGE);
    const [, kilobytes] = /^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))!;
    const gib = Number((Number(kilobytes) / 2 ** 20).toPrecision(3));
    expect(await top.until(/2 memory/)).toContain(`${gib} GiB`);
  });

  inTmux('a resize fills the new size, and back', async () => {
    const top = await startTop(SMALL);
    top.resize(LARGE);
    const large = await top.until((screen) =>
      screen.split('\n').some((row) => row.startsWith('processes') && row.length === 200),
    );
    expect(large).toMatch(/ USER +UNIT/);
    top.resize(SMALL);
    const small = await top.until((screen) =>
      screen.split('\n').some((row) => row.startsWith('processes') && row.length === 80),
    );
    expect(small).not.toContain('USER');
  });

  inTmux('keys: help, sort, filter, boxes, pause', async () => {
    const top = await startTop(SMALL);
    top.keys('?');
    await top.until(/sort processes by CPU/);
    top.keys('?', 'm');
    await top.until(/MEMORY▼/);
    top.keys('/', 'tmux');
    expect(await top.until(/match "tmux"/)).toContain('filter: tmux');
    top.keys('Escape');
    await top.until((screen) => !screen.includes('match "tmux"'));
    top.keys('1');
    await top.until((screen) => !screen.includes('1 cpu'));
    top.keys('p');
    await top.until(/paused/);
  });

  inTmux('the mouse sorts by a click on a head', async () => {
    const top = await startTop(SMALL);
    const rows = (await top.until(/MEMORY/)).split('\n');
    const row = rows.findIndex((text) => text.includes('MEMORY'));
    top.keys('-l', `\x1b[<0;${rows[row]!.indexOf('MEMORY') + 2};${row + 1}M`);
    await top.until(/MEMORY▼/);
  });

  inTmux('q gives the screen back as it was', async () => {
    const top = await startTop(SMALL);
    expect(top.isAlternate).toBe(true);
    top.keys('q');
    await top.until((screen) => /^before$/m.test(screen) && !screen.includes('1 cpu'));
    expect(top.isAlternate).toBe(false);
    top.line("stty -a | tr ' ' '\\n' | grep -x echo");
    // Typed ahead of the prompt, its output stands behind it.
    await top.until(/^(\$ )?echo$/m);
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    inTmux(`${signal} gives the screen back as it was`, async () => {
      const top = await startTop(SMALL);
      const pid = Number(execFileSync('pgrep', ['-P', String(top.pid)], { encoding: 'utf8' }));
      process.kill(pid, signal);
      await top.until((screen) => /^before$/m.test(screen) && !screen.includes('1 cpu'));
      expect(top.isAlternate).toBe(false);
    });
  }

  inTmux('Ctrl-Z gives the screen to the shell, and fg takes it again', async () => {
    const top = await startTop(SMALL);
    top.keys('C-z');
    await top.until((screen) => /Stopped/i.test(screen) && !screen.includes('1 cpu'));
    top.line('fg');
    await top.until(/1 cpu/);
    top.keys('q');
    await top.until(/^before$/m);
  });

  inTmux('a locale without UTF-8 gets ASCII, NO_COLOR no colour', async () => {
    const started = new Tmux(SMALL, { STATE_DIRECTORY: folder, HOME: folder, LANG: 'C', LC_ALL: 'C', NO_COLOR: '1' });
    terminal = started;
    started.line(`${process.execPath} ${CLI} top --interval 500ms`);
    const screen = await started.until(/processes -.* in all/);
    expect(screen.replace(/[°…–]/g, '')).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

describe('healthd top in a pipe', () => {
  test('prints one screen as plain text', async () => {
    const { code, stdout, stderr } = await runCli(['top', '--interval', '500ms'], {
      cwd: folder,
      env: { STATE_DIRECTORY: folder, COLUMNS: '100', LANG: 'C.UTF-8' },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/1 cpu \d+ %/);
    expect(stdout).toContain('PID NAME');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);

    expect(stdout).not.toMatch(/\x1b/);
  });

  test('a wrong interval is refused with advice', async () => {
    const { code, stderr } = await runCli(['top', '--interval', '2']);
    expect(code).toBe(2);
    expect(stderr).toContain('--interval 2: write a duration from 200ms to 1h');
  });
});
