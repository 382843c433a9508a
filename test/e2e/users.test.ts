/** Users and API tokens of a real agent, by its commands and its port. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { ApiTokenAnswer } from '../../src/api/access.ts';
import { runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { freePort, serverFolder } from '../support/servers/real-server.ts';

const START_MS = 60_000;
const PASSWORD = 'correct horse';

const folder = serverFolder('users');
let port = 0;
let agent: RunningCli;

async function start(): Promise<void> {
  agent = startCli(['run'], { cwd: folder.path });
  await agent.until(' Started ', START_MS);
}

beforeAll(async () => {
  port = await freePort();
  writeFileSync(
    join(folder.path, 'healthd.json'),
    JSON.stringify({
      agent: { state_dir: join(folder.path, 'state'), hostname: 'web1', tags: { team: 'shop' } },
      inputs: ['mem'],
      outputs: ['discard'],
      history: false,
      alerts: { defaults: 'off' },
      server: { listen: `127.0.0.1:${port}`, users: { bob: { password: PASSWORD, role: 'operator' } } },
    }),
  );
  await start();
}, 2 * START_MS);

afterAll(async () => {
  await agent.end();
  folder.remove();
});

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, { cwd: folder.path });
  if (code !== 0) throw new Error(`healthd ${args.join(' ')} ended with ${String(code)}:\n${stderr}`);
  return stdout;
}

async function status(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  await response.arrayBuffer();
  return response.status;
}

test(
  'H-037: a token is made, listed and ended by commands, survives a restart, and does what its role says',
  async () => {
    const create = [
      'server',
      'token',
      'create',
      '--name',
      'grafana',
      '--scope',
      'team=shop',
      '--expires',
      '1h',
      '--json',
    ];
    const { token, id } = JSON.parse(await run(...create)) as ApiTokenAnswer;
    const headers = { authorization: `Bearer ${token}` };
    expect(await status('/api/v1/agent', headers)).toBe(200);
    expect(await status('/api/v1/config', headers)).toBe(403);
    expect(await status('/api/v1/agent')).toBe(401);
    expect(statSync(join(folder.path, 'state', 'api-tokens.json')).mode & 0o777).toBe(0o600);
    await agent.end();
    await start();
    expect(await status('/api/v1/agent', headers)).toBe(200);
    expect(await run('server', 'token', 'list')).toMatch(/grafana +viewer +team=shop +in 59m\d+s +the control socket/);
    await run('server', 'token', 'end', id);
    expect(await status('/api/v1/agent', headers)).toBe(401);
    const history = await run('alerts', '--history');
    for (const act of ['api_token_created', 'api_token_ended']) expect(history).toContain(act);
    expect(await run('config', 'show')).not.toContain(PASSWORD);
  },
  3 * START_MS,
);

test('a token without a name, or with a role that does not exist, is not made', async () => {
  for (const [args, message] of [
    [[], 'Say who gets the token'],
    [['--name', 'x', '--role', 'root'], '--role root is none of viewer, operator, admin'],
    [['--name', 'x', '--scope', 'shop'], 'key=value'],
  ] as const) {
    const { code, stderr } = await runCli(['server', 'token', 'create', ...args], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});
