/** Checks files with Prometheus' and Alertmanager's own tools. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Requirement } from './real-server.ts';

export const PROMTOOL: Requirement = { binary: 'promtool', package: 'prometheus' };
export const AMTOOL: Requirement = { binary: 'amtool', package: 'prometheus-alertmanager' };

export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

/** @param rules text of the file, or its content as an object */
export function checkRules(rules: string | object): Promise<Verdict> {
  const text = typeof rules === 'string' ? rules : JSON.stringify(rules);
  return check('promtool', ['check', 'rules', '--lint-fatal'], text);
}

export function checkAlertmanager(configuration: string): Promise<Verdict> {
  return check('amtool', ['check-config'], configuration);
}

async function check(command: string, args: readonly string[], text: string): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'healthd-check-'));
  try {
    const file = join(folder, 'file.yaml');
    await writeFile(file, text);
    return await new Promise((resolve) => {
      execFile(command, [...args, file], (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
