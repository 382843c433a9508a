/** The built agent's logs reach a real log server while another one is stuck. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { HOST, startMonitoredHost } from '../support/golden/monitored-host.ts';
import { serverFolder, testWith, waitFor } from '../support/servers/real-server.ts';
import { RSYSLOGD, startRsyslogd } from '../support/servers/rsyslogd.ts';

const rsyslogTest = testWith(RSYSLOGD);

const LOGS = ['healthd_log', 'healthd_alert_event'];

/** Accepts requests and never answers. */
async function startStuckServer() {
  let asked = 0;
  const server = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

rsyslogTest('a stuck log server costs the others no line', async () => {
  const folder = serverFolder('central-logging');
  const path = join(folder.path, 'logs.lp');
  const [syslogd, stuck] = [await startRsyslogd(), await startStuckServer()];
  const host = startMonitoredHost({
    inputs: ['mem', 'agent_log', 'alerts', { exec: { commands: [['false']] } }],
    outputs: [
      { loki: { url: stuck.url, only: LOGS, timeout: '2s' } },
      { syslog: { address: `tcp://127.0.0.1:${syslogd.port}`, only: LOGS } },
      { file: { path, only: LOGS } },
    ],
    alerts: { rules: [{ id: 'mem_there', metric: 'mem.total', above: { critical: 1 } }] },
  });
  try {
    const wanted = [/^Started$/, /^Gather failed/, /^critical: mem\.total is /, /^Cannot write: /];
    // The agent's log has a line about the alert, too.
    const alertAt = (severity: string) =>
      syslogd
        .messages()
        .some(({ msg, syslogseverity }) => msg.includes('critical: mem.total') && syslogseverity === severity);
    await host.during(
      waitFor(
        () =>
          wanted.every((text) => syslogd.messages().some(({ msg }) => text.test(msg.replace('\uFEFF', '')))) &&
          alertAt('2') &&
          alertAt('4'),
        {
          timeout: 15_000,
          what: 'The start, a failed input, an alert and the trouble of the stuck server at rsyslog',
        },
      ),
    );
    expect(stuck.asked()).toBeGreaterThan(0);
    const kept = syslogd.messages();
    expect(new Set(kept.map(({ hostname }) => hostname))).toEqual(new Set([HOST]));
    await host.stop();
    const local = host
      .log()
      .split('\n')
      .filter((line) => / (?:error|warn|info) +\[/.test(line));
    const shipped = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('healthd_log'));
    const texts = shipped.map((line) => /message="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? '');
    // Lines logged while the outputs stop come too late for them.
    const early = local.slice(
      0,
      local.findIndex((line) => line.includes('Stopped with unsent lines')),
    );
    expect(early.length).toBeGreaterThan(3);
    expect(texts).toHaveLength(early.length);
    expect(early.filter((line, index) => !line.includes(texts[index]!.replaceAll('\\"', '"')))).toEqual([]);
  } finally {
    await syslogd.stop();
    await stuck.stop();
    folder.remove();
  }
});
