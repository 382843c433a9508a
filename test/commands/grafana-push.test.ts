import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { EXIT, type Terminal } from '../../src/commands/command.ts';
import { grafanaPush, type PushInput } from '../../src/commands/grafana/push.ts';
import { startFakeGrafana, type FakeGrafana } from '../support/fakes/grafana.ts';

const TOKENS = { 'glsa-admin': 'Admin', 'glsa-editor': 'Editor', 'glsa-viewer': 'Viewer' } as const;

let grafana: FakeGrafana;
let folder: string;

beforeEach(async () => {
  grafana = await startFakeGrafana({ tokens: TOKENS, dataSources: ['my-prometheus'] });
  folder = mkdtempSync(join(tmpdir(), 'healthd-push-'));
});

afterEach(async () => {
  await grafana.close();
  rmSync(folder, { recursive: true });
});

interface Pushed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function push(
  options: Partial<PushInput> = {},
  environment: Terminal['environment'] = { GRAFANA_TOKEN: 'glsa-admin' },
  url = grafana.url,
): Promise<Pushed> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const terminal = { stdout, stderr, environment, cwd: folder } as unknown as Terminal;
  const signals = {
    stop: () => AbortSignal.timeout(10_000),
    endsWithin: () => undefined,
    onReload: () => undefined,
    onStrayError: () => undefined,
  };
  const code = await grafanaPush({ url, source: 'promql', ...options }, terminal, signals);
  const printed = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, stdout: printed(stdout), stderr: printed(stderr) };
}

describe('healthd grafana push', () => {
  test('installs a folder and the dashboards for one data source', async () => {
    expect(await push()).toEqual({ code: EXIT.ok, stdout: expect.stringContaining('Grafana 11.6.0'), stderr: '' });
    expect([...grafana.folders]).toEqual([['healthd', 'healthd']]);
    const names = ['alerts', 'docker', 'fleet', 'healthd', 'host'];
    expect([...grafana.dashboards.keys()].sort()).toEqual(names.map((name) => `healthd-${name}-promql`));
    expect(new Set([...grafana.dashboards.values()].map(({ folderUid }) => folderUid))).toEqual(new Set(['healthd']));
    expect([...grafana.ruleGroups]).toEqual([]);
  });

  test('replaces what an earlier push installed', async () => {
    await push();
    expect((await push()).code).toBe(EXIT.ok);
    expect(grafana.dashboards.get('healthd-fleet-promql')?.version).toBe(2);
    expect(grafana.folders.size).toBe(1);
  });

  test('uses an existing folder with that title', async () => {
    grafana.folders.set('made-by-hand', 'Servers');
    await push({ folder: 'Servers' });
    expect([...grafana.folders]).toEqual([['made-by-hand', 'Servers']]);
    expect(grafana.dashboards.get('healthd-host-promql')?.folderUid).toBe('made-by-hand');
  });

  test('a data source is the default of the dashboards, and alert rules query it', async () => {
    const { stdout } = await push({ datasource: 'my-prometheus' });
    expect(stdout).toContain('5 alert rules');
    const rules = grafana.ruleGroups.get('healthd/healthd')?.rules ?? [];
    expect(rules.map(({ data: [first] }) => first?.datasourceUid)).toEqual(Array(5).fill('my-prometheus'));
    expect(JSON.stringify(grafana.dashboards.get('healthd-host-promql')?.model['templating'])).toContain(
      'my-prometheus',
    );
  });

  test('adds dashboards for custom inputs', async () => {
    writeFileSync(
      join(folder, 'queue.mjs'),
      `import { defineInput, z } from 'healthd/plugin';
       export const queue = defineInput({
         name: 'queue', summary: 'A queue', config: z.strictObject({}),
         metrics: { queue: { fields: { depth: { type: 'int', unit: 'bytes', help: 'Waiting' } } } },
         create: () => ({ gather() {} }),
       });`,
    );
    writeFileSync(join(folder, 'healthd.yaml'), 'inputs:\n  - ./queue.mjs\n');
    await push({ config: join(folder, 'healthd.yaml') });
    expect([...grafana.dashboards.keys()]).toContain('healthd-input-queue-promql');
  });

  test('reads the token from a file', async () => {
    writeFileSync(join(folder, 'token'), 'glsa-editor\n');
    expect((await push({ tokenFile: 'token' }, {})).code).toBe(EXIT.ok);
    await expect(push({ tokenFile: 'nowhere' }, {})).rejects.toThrow(/Cannot read the token.*nowhere/);
  });
});

describe('failures name the remedy', () => {
  const failing: readonly (readonly [string, Pushed['stderr'] | RegExp, () => Promise<Pushed>])[] = [
    ['no token', /status 401 "Unauthorized": the token is missing.*GRAFANA_TOKEN/, () => push({}, {})],
    ['an invalid token', /status 401 "Invalid API key": the token is/, () => push({}, { GRAFANA_TOKEN: 'wrong' })],
    [
      'a token without permission',
      /status 403 .*give its service account the role Editor/,
      () => push({}, { GRAFANA_TOKEN: 'glsa-viewer' }),
    ],
    [
      'a token without permission for alert rules',
      /refused the alert rules: status 403.*Admin for alert rules/,
      () => push({ datasource: 'my-prometheus' }, { GRAFANA_TOKEN: 'glsa-editor' }),
    ],
    [
      'an unknown data source',
      /refused the alert rules: status 400 "data source x not found"/,
      () => push({ datasource: 'x' }),
    ],
    ['an invalid address', /begins with http/, () => push({}, undefined, 'grafana.example.com')],
    [
      'a closed port',
      /^127\.0\.0\.1:\d+: nothing listens there/,
      async () => {
        const { url, close } = await startServer(() => undefined);
        await close();
        return push({}, undefined, url);
      },
    ],
    [
      'a wrong sub path',
      /No Grafana at this address: status 404.*sub path/,
      () => push({}, undefined, `${grafana.url}/grafana`),
    ],
  ];

  test.each(failing)('%s', async (_, text, run) => {
    const { code, stderr } = await run();
    expect(code).toBe(EXIT.failed);
    expect(stderr).toMatch(text);
  });

  test.each([
    [
      'a dashboard of a plugin',
      'plugin',
      /Grafana refused the dashboard "Host detail \(PromQL\)": status 412 "The dashboard belongs to plugin/,
    ],
    [
      'a dashboard from a file',
      'file',
      /Grafana refused the dashboard "Host detail \(PromQL\)": status 400 "Cannot save provisioned dashboard"/,
    ],
  ] as const)('%s', async (_, kind, text) => {
    grafana.locked.set('healthd-host-promql', kind);
    expect(await push()).toMatchObject({ code: EXIT.failed, stderr: expect.stringMatching(text) });
  });

  test('another server than Grafana', async () => {
    const { url, close } = await startServer((_, response) => response.end('<html>hello</html>'));
    expect(await push({}, undefined, url)).toMatchObject({
      code: EXIT.failed,
      stderr: expect.stringContaining('The server at this address is not Grafana'),
    });
    await close();
  });

  test('a redirect is not followed with the token', async () => {
    const { url, close } = await startServer((_, response) =>
      response.writeHead(301, { location: 'https://grafana.example.com/login?secret=1' }).end(),
    );
    const { stderr } = await push({}, undefined, url);
    expect(stderr).toContain('redirects to https://grafana.example.com; redirects are not followed');
    expect(stderr).not.toContain('secret');
    await close();
  });

  test('the token is never printed, even if Grafana echoes it', async () => {
    const { url, close } = await startServer((request, response) => {
      response.writeHead(400).end(JSON.stringify({ message: `bad: ${request.headers.authorization ?? ''}` }));
    });
    const { stdout, stderr } = await push({}, { GRAFANA_TOKEN: 'glsa-very-secret' }, url);
    expect(stderr).toContain('bad: Bearer ***');
    expect(stdout + stderr).not.toContain('glsa-very-secret');
    await close();
  });
});

async function startServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
