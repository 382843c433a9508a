/** An installed healthd at work: page, local TypeScript plugin, history over a restart, `healthd sql`. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { freePort, waitFor } from '../support/servers/real-server.ts';

/** `enum` is TypeScript that has to be compiled, not only stripped of types. */
const PLUGIN = `import { defineInput, z } from 'healthd/plugin';

enum Level {
  Full = 7,
}

export default defineInput({
  name: 'mine',
  summary: 'A level',
  config: z.strictObject({}),
  metrics: { mine: { fields: { level: { type: 'int', help: 'The level' } } } },
  create: () => ({
    async gather(acc) {
      acc.add('mine', { level: Level.Full });
    },
  }),
});
`;

/** Longer than a start on a busy machine takes, the unpacking of the single file included. */
const START_MS = 60_000;

export interface Installed {
  /** Runs healthd as an unprivileged user; what follows are its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that this user may read, as the tests see it and as healthd does. */
  readonly outside: string;
  readonly inside: string;
  /** For the state, as healthd sees it: exists, and belongs to the user. */
  readonly state: string;
}

export async function expectLive({ command, env, outside, inside, state }: Installed): Promise<void> {
  const port = await freePort();
  const config = join(inside, 'healthd.yaml');
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, 'mine.ts'), PLUGIN);
  writeFileSync(
    join(outside, 'healthd.yaml'),
    `agent: { interval: 1s, state_dir: ${state} }
inputs: [cpu, ./mine.ts]
outputs: [discard]
server: { listen: '127.0.0.1:${port}' }
`,
  );
  const [program = '', ...first] = command;
  const environment = { PATH: process.env['PATH'], ...env };
  // Not synchronous: the end of the agent is seen only when this process has taken note of it.
  const healthd = (...args: readonly string[]) =>
    new Promise<{ readonly error: Error | null; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(program, [...first, ...args, '--config', config], { env: environment }, (error, stdout, stderr) => {
        resolve({ error, stdout, stderr });
      });
    });
  const samples = async () => {
    const statement = 'select count(*) as n, min(level) as level from mine';
    const { stdout, stderr } = await healthd('sql', '--format', 'json', statement);
    const row = (JSON.parse(stdout || 'null') as readonly { n: number; level: number }[] | null)?.[0];
    if (row === undefined) throw new Error(stderr);
    return row;
  };

  const run = async (body: () => Promise<void>) => {
    const child = spawn(program, [...first, 'run', '--config', config], { env: environment });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    try {
      await waitFor(() => output.includes(' Started '), { timeout: START_MS, what: 'The start' });
      await body();
      expect(await healthd('stop')).toMatchObject({ error: null });
      expect(await closed).toBe(0);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${String(error)}\n${output}`, { cause: error });
    }
  };

  let before = 0;
  await run(async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<!doctype html>');
    await waitFor(async () => (await samples()).n >= 2, {
      timeout: START_MS,
      interval: 500,
      what: 'The second sample',
    });
    before = (await samples()).n;
  });
  await run(async () => {
    await waitFor(async () => (await samples()).n > before, {
      timeout: START_MS,
      interval: 500,
      what: 'A sample after the restart',
    });
    expect((await samples()).level).toBe(7);
  });
}
