/** One agent with a database, a webhook and an input that this test steers; the same for recording a state and for taking it over. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

const PLUGIN = `
import { readFileSync } from 'node:fs';
import { defineInput, z } from 'healthd/plugin';
export default defineInput({
  name: 'level',
  summary: 'A level that the test sets',
  config: z.strictObject({}),
  metrics: {
    level: { tags: {}, fields: { value: { type: 'int', unit: '', help: 'Level' } } },
    bad: { tags: {}, fields: { value: { type: 'int', unit: '', help: 'Refused by the database' } } },
  },
  create: () => ({
    gather(acc) {
      const [name, value] = readFileSync('level', 'utf8').split(' ');
      acc.add('level', { value: Number(value) });
      if (name === 'bad') acc.add('bad', { value: 1 });
    },
  }),
});
`;

export interface HookAlert {
  readonly id: string;
  readonly status: string;
}

export interface Scene {
  readonly config: string;
  readonly state: string;
  /** Lines that the database has stored, in order. */
  readonly stored: string[];
  /** Bodies that the webhook has got. */
  readonly hooks: string[];
  /** Whether the database answers 503. */
  isDown: boolean;
  setLevel(value: number, withBad?: boolean): void;
  close(): Promise<void>;
}

/** @param folder of the agent; the state is in `state` there */
export async function openScene(folder: string): Promise<Scene> {
  const server = createServer((request, response) => {
    void received(request).then((body) => {
      const { status, text: answer } = request.url?.startsWith('/write') === true ? write(body) : hook(body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = join(folder, 'healthd.json');
  const state = join(folder, 'state');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'level.ts'), PLUGIN);
  writeFileSync(config, JSON.stringify(configuration(state, url)));
  const scene: Scene = {
    config,
    state,
    stored: [],
    hooks: [],
    isDown: false,
    setLevel(value, withBad = false) {
      writeFileSync(join(folder, 'level'), `${withBad ? 'bad' : 'good'} ${value}`);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  scene.setLevel(1);
  return scene;

  function write(body: string): { readonly status: number; readonly text: string } {
    if (scene.isDown) return { status: 503, text: '' };
    const lines = body.split('\n').filter((line) => line !== '');
    const bad = lines.filter((line) => line.startsWith('bad'));
    for (const line of lines) if (!bad.includes(line)) scene.stored.push(line);
    const errors = bad.map((line) => `unable to parse '${line}': refused`).join('\n');
    return bad.length === 0
      ? { status: 204, text: '' }
      : { status: 400, text: JSON.stringify({ error: `partial write: ${errors} dropped=0` }) };
  }

  function hook(body: string): { readonly status: number; readonly text: string } {
    scene.hooks.push(body);
    return { status: 200, text: '' };
  }
}

async function received(request: IncomingMessage): Promise<string> {
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(await buffer(request)).toString() : text(request);
}

function configuration(state: string, url: string): object {
  return {
    agent: { interval: '1s', flush_interval: '1s', hostname: 'web1', state_dir: state },
    // However old the recorded state is.
    journal: { max_age: '7300d' },
    inputs: [{ './level.ts': {} }],
    outputs: [{ influxdb: { url, database: 'telegraf' } }],
    notifiers: { hook: { webhook: { url: `${url}/hook` } } },
    alerts: {
      rules: [
        {
          id: 'level_high',
          summary: 'Level is high',
          metric: 'level.value',
          above: { critical: { at: 50, clear: 40 } },
          for: '0s',
        },
      ],
      route: { notify: ['hook'], group_wait: '0s', group_interval: '1s', repeat: 'never' },
    },
  };
}
