import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { Notification } from '../../src/plugin/notification.ts';
import { runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

let folder: string;
let hook: Server;
let cli: RunningCli | undefined;
let taken: Notification[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-resolve-'));
  taken = [];
  hook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      taken.push(JSON.parse(body) as Notification);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await cli?.end('SIGKILL');
  hook.closeAllConnections();
  hook.close();
  rmSync(folder, { recursive: true });
});

test('F-014: an alert whose series is gone for good is resolved by hand, and its receivers hear so', async () => {
  const config = join(folder, 'healthd.yaml');
  const value = join(folder, 'value');
  const { port } = hook.address() as AddressInfo;
  writeFileSync(value, 'queue depth=10\n');
  writeFileSync(
    config,
    `agent: { interval: 500ms, hostname: web1, state_dir: ${join(folder, 'state')} }
inputs: [{ exec: { data_format: influx, commands: [[cat, ${value}]] } }]
outputs: [discard]
notifiers: { hook: { webhook: { url: 'http://127.0.0.1:${port}/', format: healthd } } }
alerts: { defaults: off, route: { group_wait: 0s }, rules: [{ id: long, metric: queue.depth, above: { warning: 5 } }] }
`,
  );
  cli = startCli(['run', '--config', config]);
  await waitFor(() => taken.length === 1);
  rmSync(value);
  const id = taken[0]?.alerts[0]?.fingerprint ?? '';
  const { code, stdout } = await runCli(['alerts', 'resolve', id.slice(0, 8), '--by', 'ana', '--config', config]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `Resolved ${id}: queue.depth is 10 on web1\n` });
  await waitFor(() => taken.length === 2);
  expect(taken[1]).toMatchObject({
    status: 'resolved',
    alerts: [{ detail: 'by hand: ana', change: { kind: 'ended' } }],
  });
  const again = await runCli(['alerts', 'resolve', id, '--config', config]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('No firing alert has the id') });
  const history = await runCli(['alerts', '--history', '--config', config]);
  expect(history.stdout).toContain('ana');
}, 60_000);
