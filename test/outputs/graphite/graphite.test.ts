import { describe, expect, test } from '@jest/globals';

import { graphite } from '../../../src/outputs/graphite/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
import { DIFFICULT_LINES, outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { freePort, testWith, waitFor } from '../../support/servers/real-server.ts';
import { startStreamServer, type StreamServerSettings } from '../../support/fakes/stream-server.ts';
import { startVictoriaMetrics, VICTORIA_METRICS } from '../../support/servers/victoria-metrics.ts';
import { issues, withOutput } from '../../support/kit/open-output.ts';

const realTest = testWith(VICTORIA_METRICS);

describe('the contract', () => {
  outputContract(
    () => Promise.resolve(graphite),
    async () => {
      const server = await startStreamServer();
      return {
        options: { address: `tcp://127.0.0.1:${server.port}` },
        received: () => undefined,
        close: () => server.stop(),
      };
    },
  );
});

/** The text that a server receives for these lines. */
async function sent(
  lines: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
  settings: StreamServerSettings = {},
): Promise<readonly string[]> {
  const server = await startStreamServer(settings);
  try {
    await withOutput(graphite, { address: `127.0.0.1:${server.port}`, ...options }, async ({ write }) => {
      expect(await write(testBatch(lines))).toBeUndefined();
    });
    return server.streams.map(String);
  } finally {
    await server.stop();
  }
}

describe('a name', () => {
  const CPU = 'cpu,host=web1.example,cpu=cpu0,dc=fra1 usage_idle=99.5,value=3i,ok=true,state="up" 1700000000999999999';

  test('follows the template; strings are omitted and times truncated to seconds', async () => {
    expect(await sent([CPU])).toEqual([
      'web1_example.cpu0.fra1.cpu.usage_idle 99.5 1700000000\n' +
        'web1_example.cpu0.fra1.cpu 3 1700000000\n' +
        'web1_example.cpu0.fra1.cpu.ok 1 1700000000\n',
    ]);
  });

  test('has a prefix, tags by their keys, and nothing for missing tags', async () => {
    const options = { prefix: 'prod.servers', template: 'dc.measurement.rack.field.tags' };
    expect(await sent(['cpu,host=a,dc=fra1 n=1i 0', 'cpu n=-1.5e-7 0'], options)).toEqual([
      'prod.servers.fra1.cpu.n.a 1 0\nprod.servers.cpu.n -1.5e-7 0\n',
    ]);
  });

  test('has only characters that are valid in Graphite', async () => {
    const line = 'a/b..c.,path=/var\\ log/*,host=ü@x f\\ g!=1,.h.=2 0';
    expect(await sent([line])).toEqual(['ü-x.-var_log--.a-b.c.f_g_ 1 0\nü-x.-var_log--.a-b.c.h 2 0\n']);
  });

  test('C-006: keeps disks apart: the tag `name` is renamed, since it is the name of the metric in Graphite', async () => {
    const lines = ['diskio,host=h,name=sda reads=1i 0', 'diskio,host=h,name=sdb reads=2i 0'];
    expect(await sent(lines, { graphite_tag_support: true })).toEqual([
      'diskio.reads;host=h;name_=sda 1 0\ndiskio.reads;host=h;name_=sdb 2 0\n',
    ]);
  });

  test('is followed by tags with graphite_tag_support', async () => {
    const line = 'a\\ b,host=web1.example,k;!^\\=\\ y=~v;\\ w\\=🌧 f=1,value=2 0';
    const tags = ';host=web1.example;k_____y=_v__w=🌧';
    expect(await sent([line], { graphite_tag_support: true, prefix: 'p' })).toEqual([
      `p.a_b.f${tags} 1 0\np.a_b${tags} 2 0\n`,
    ]);
  });
});

test('a metric without numbers is not sent, and is not an error', async () => {
  expect(await sent(['healthd_log message="hello" 0'])).toEqual([]);
});

test('a line that is too long for servers is rejected, and the others are sent', async () => {
  const server = await startStreamServer();
  try {
    await withOutput(graphite, { address: `127.0.0.1:${server.port}` }, async ({ write }) => {
      const error = await write(testBatch(['a n=1 0', `b,tag=${'x'.repeat(20_000)} n=1,m=2 0`, 'c n=1 0']));
      expect(error).toBeInstanceOf(PartialWriteError);
      expect(error).toMatchObject({ refused: [1], message: expect.stringMatching(/^1 of 3 lines have names/) });
    });
    expect(server.streams.map(String)).toEqual(['a.n 1 0\nc.n 1 0\n']);
  } finally {
    await server.stop();
  }
});

test('sends over TLS to trusted servers', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const server = await startStreamServer({ certificate });
  try {
    const address = `tls://127.0.0.1:${server.port}`;
    await withOutput(graphite, { address, tls: { ca: files.cert } }, async ({ connect, write }) => {
      expect(await connect()).toBeUndefined();
      expect(await write(testBatch(['m n=1 0']))).toBeUndefined();
      expect(server.streams.map(String)).toEqual(['', 'm.n 1 0\n']);
    });
    await withOutput(graphite, { address }, async ({ write }) => {
      const error = await write(testBatch(['m n=1 0']));
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toContain('self-signed');
    });
  } finally {
    await server.stop();
    files.remove();
  }
});

test('a server that is down, or does not close the connection, confirms nothing', async () => {
  const port = await freePort();
  await withOutput(graphite, { address: `127.0.0.1:${port}` }, async ({ connect, write }) => {
    expect(String(await write(testBatch(['m n=1 0'])))).toContain(`127.0.0.1:${port}: nothing listens there`);
    expect(await connect()).toBeInstanceOf(RetryableError);
  });
  const server = await startStreamServer({ isStuck: true });
  await withOutput(graphite, { address: `127.0.0.1:${server.port}` }, async ({ write }) => {
    const stop = new AbortController();
    const writing = write(testBatch(['m n=1 0']), stop.signal);
    await waitFor(() => server.clients() === 1);
    stop.abort(new Error('deadline exceeded'));
    expect(await writing).toBeInstanceOf(RetryableError);
  });
  await server.stop();
});

test('options that result in no names, or have no effect, are rejected', () => {
  const address = '127.0.0.1';
  expect(issues(graphite, { address, template: 'host.measurement' })[0]).toMatch(/^template: must contain field/);
  expect(issues(graphite, { address, template: 'host..field' })[0]).toMatch(/^template: must be words/);
  expect(issues(graphite, { address, prefix: 'a b' })[0]).toMatch(/^prefix: /);
  expect(issues(graphite, { address, tls: { insecure_skip_verify: true } })[0]).toMatch(/^tls: has no effect/);
  expect(issues(graphite, { address: 'udp://127.0.0.1' })[0]).toBe('address: must begin with one of tcp://, tls://');
});

realTest('VictoriaMetrics stores names, tags, numbers and times', async () => {
  const server = await startVictoriaMetrics({ graphite: true });
  try {
    const seconds = Math.floor(Date.now() / 1000);
    const lines = DIFFICULT_LINES.map((line) => line.replace(/17\d+$/, `${seconds}999999999`));
    const address = `tcp://127.0.0.1:${server.graphitePort}`;
    await withOutput(graphite, { address, prefix: 'plain' }, async ({ connect, write }) => {
      expect(await connect()).toBeUndefined();
      expect(await write(testBatch(lines))).toBeUndefined();
    });
    await withOutput(graphite, { address, prefix: 'tagged', graphite_tag_support: true }, async ({ write }) => {
      expect(await write(testBatch(lines))).toBeUndefined();
    });
    const series = await server.export('{__name__!=""}', 6);
    const stored = series.map(({ metric, values, timestamps }) => ({ metric, values, timestamps }));
    const at = (metric: Readonly<Record<string, string>>, value: number) => ({
      metric,
      values: [value],
      timestamps: [seconds * 1000],
    });
    const weather = { 'ci,ty': 'M=ünchen', emoji: '🌧' };
    expect(stored).toHaveLength(6);
    expect(stored).toEqual(
      expect.arrayContaining([
        at({ __name__: 'plain.a.cpu0.cpu.usage_idle' }, 99.5),
        at({ __name__: 'plain.a.cpu0.cpu.n' }, 9007199254740993),
        at({ __name__: 'plain.M=ünchen._.we_ather.wet' }, 1),
        at({ __name__: 'tagged.cpu.usage_idle', host: 'a', cpu: 'cpu0' }, 99.5),
        at({ __name__: 'tagged.cpu.n', host: 'a', cpu: 'cpu0' }, 9007199254740993),
        at({ __name__: 'tagged.we_ather.wet', ...weather }, 1),
      ]),
    );
  } finally {
    await server.stop();
  }
});
