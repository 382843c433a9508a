import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { runCli } from '../support/kit/cli.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-grafana-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const filesIn = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

describe('healthd grafana export', () => {
  test('without a configuration writes the files of grafana/', async () => {
    expect(await runCli(['grafana', 'export', 'out'], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ files in out, for influxql, flux, promql\n$/),
      stderr: '',
    });
    const committed = filesIn(join(root, 'grafana')).filter((path) => path !== 'README.md');
    expect(filesIn(join(folder, 'out'))).toEqual(committed);
    for (const path of committed) {
      expect(readFileSync(join(folder, 'out', path), 'utf8')).toBe(readFileSync(join(root, 'grafana', path), 'utf8'));
    }
  });

  test('adds a dashboard for each custom input, and can be limited to one language', async () => {
    const config = join(root, 'examples/local-plugin/healthd.yaml');
    const { code, stdout } = await runCli(['grafana', 'export', '.', '--source', 'flux', '--config', config], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Including dashboards for your own inputs: queue_depth');
    expect(readdirSync(folder)).toEqual(['flux']);
    expect(readdirSync(join(folder, 'flux/dashboards'))).toContain('healthd-input-queue-depth-flux.json');
  });

  test.each([
    [['export', '.', '--source', 'sql'], 'Allowed choices are influxql, flux, promql'],
    [['push', 'http://localhost:3000'], "required option '--source <source>'"],
  ])('%j is refused', async (args, text) => {
    const { code, stderr } = await runCli(['grafana', ...args], { cwd: folder });
    expect(code).not.toBe(0);
    expect(stderr).toContain(text);
  });
});
