/**
 * Golden folders: `test/plugins/<input>/<case>/` holds a recorded `root/` (proc, sys, …), the options (`options.json`)
 * and the expected line protocol (`expected.lp`). Folders `root2/`, `root3/`, … are copied over the first one before each
 * further gather, 10 s later. `UPDATE_GOLDEN=1` writes the expectation: read the diff.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { formatLine } from '../../../src/metric/line-protocol.ts';
import type { InputPlugin } from '../../../src/plugin/index.ts';
import { manualClock, testInput } from '../../../src/testing.ts';

export interface GoldenSettings {
  /** Options that JSON cannot hold, or that need the path of the copied root. */
  readonly options?: (root: string) => Record<string, unknown>;
  readonly platform?: NodeJS.Platform;
}

export function goldenFolders(plugin: InputPlugin, settings: GoldenSettings = {}): void {
  const folder = join(import.meta.dirname, '../..', 'plugins', plugin.name);
  const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of cases) {
    test(`golden: ${name}`, () => runCase(plugin, join(folder, name), settings));
  }
}

async function runCase(plugin: InputPlugin, folder: string, settings: GoldenSettings): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'healthd-golden-'));
  const clock = manualClock();
  const optionsFile = join(folder, 'options.json');
  const options = {
    ...(existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, 'utf8')) as object) : {}),
    ...settings.options?.(root),
  };
  cpSync(join(folder, 'root'), root, { recursive: true });
  const host = await testInput(plugin, options, {
    clock,
    platform: settings.platform ?? 'linux',
    environment: {
      HOST_PROC: join(root, 'proc'),
      HOST_SYS: join(root, 'sys'),
      HOST_ETC: join(root, 'etc'),
      HOST_RUN: join(root, 'run'),
      HOST_DEV: join(root, 'dev'),
    },
  });
  try {
    const lines: string[] = [];
    for (let step = 1; step === 1 || existsSync(join(folder, `root${step}`)); step += 1) {
      if (step > 1) {
        overlay(join(folder, `root${step}`), root);
        clock.advance(10_000);
      }
      const { metrics, errors } = await host.gather();
      lines.push(
        ...metrics.map(formatLine),
        ...errors.map((error) => `# error: ${error.message.replaceAll(root, '')}`),
      );
    }
    const text = `${lines.join('\n')}\n`;
    const expected = join(folder, 'expected.lp');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, text);
    expect(text).toBe(readFileSync(expected, 'utf8'));
  } finally {
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes into existing files: descriptors that the plugin keeps open must see the new content, as in procfs. */
function overlay(from: string, root: string): void {
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(from, name)).isDirectory()) mkdirSync(join(root, name), { recursive: true });
    else writeFileSync(join(root, name), readFileSync(join(from, name)));
  }
}
