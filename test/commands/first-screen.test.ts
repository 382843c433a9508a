import { expect, test } from '@jest/globals';

import { firstScreen, type ScreenFacts } from '../../src/commands/first-screen.ts';
import { checkConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

const nothing = { engine: undefined, hasSensors: false, hasSystemd: false, hasPressure: false };
const glance = { cpu: 3.2, memory: { used: 2 ** 30, total: 2 ** 34 }, disk: undefined, load: 0.5 };

async function screen(facts: Partial<ScreenFacts> = {}): Promise<readonly string[]> {
  const settings = { cwd: '/', environment: { HOME: '/home/mk' }, registry: builtInPlugins, uid: 1000 };
  const config = await checkConfig({}, { ...settings, defaults: { outputs: [] } });
  const lines = firstScreen({
    version: '1.2.3',
    hostname: 'db-fra1-07',
    system: 'Debian GNU/Linux 12 (bookworm)',
    config,
    discovery: nothing,
    glance,
    address: 'http://127.0.0.1:8400/#3f786850e387550fdab836ed7e6dc881de23001b',
    user: 'mk',
    program: 'healthd',
    ...facts,
  });
  return lines.map((line) => line.map((piece) => (typeof piece === 'string' ? piece : piece[1])).join(''));
}

test('says what is watched, where the data lies, the three next steps, and at last the address', async () => {
  const lines = await screen();
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "healthd 1.2.3 watches db-fra1-07 (Debian GNU/Linux 12 (bookworm))
    Ctrl-C stops it. Warnings follow below.

      Now        CPU 3 % · memory 1 of 16 GiB · load 0.50
      Watches    cpu, mem, swap, disk, diskio, net, system, processes, kernel
                 every 10s
      Sends to   nowhere; the metrics stay on this machine
      Alerts     17 rules; nobody is notified yet
      Data       /home/mk/.local/state/healthd (of the user mk)

      Next       healthd init                  send metrics, notify people
                 healthd top                   watch in this terminal
                 sudo healthd service install  run at each boot

      Page       http://127.0.0.1:8400/#3f786850e387550fdab836ed7e6dc881de23001b"
  `);
});

test('fits on a terminal of 80 by 24, also with all there is', async () => {
  const engine = { name: 'Docker', endpoint: 'unix:///var/run/docker.sock', access: 'forbidden' } as const;
  const disk = { used: 1e12, total: 2e12 };
  const lines = await screen({
    discovery: { engine, hasSensors: true, hasSystemd: true, hasPressure: true },
    glance: { ...glance, cpu: 100, load: 123.45, disk },
    program: 'node dist/cli.js',
  });
  expect(lines.length).toBeLessThanOrEqual(22);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each([
  ['forbidden', 'Not Docker: mk may not open /var/run/docker.sock', '→ sudo usermod -aG docker mk'],
  ['silent', 'Not Docker: nothing answers at /var/run/docker.sock', ''],
] as const)('an engine whose socket is %s is not watched, with the reason', async (access, reason, remedy) => {
  const engine = { name: 'Docker', endpoint: 'unix:///var/run/docker.sock', access } as const;
  const text = (await screen({ discovery: { ...nothing, engine } })).join('\n');
  expect(text).toContain(reason);
  expect(text).toContain(remedy);
});
