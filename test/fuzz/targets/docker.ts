/** The Docker daemon, and what containers leave in its answers and in the kernel's files about them. */
import { equal, ok } from 'node:assert/strict';

import { eventTime, isRemoval, isReported, parseEvents } from '../../../src/plugins/docker/api/events.ts';
import type { EngineEvent } from '../../../src/plugins/docker/api/answers.ts';
import { lastLines } from '../../../src/plugins/docker/api/logs.ts';
import { checkShape } from '../../../src/plugins/docker/api/shape.ts';
import { parseTime } from '../../../src/plugins/docker/api/time.ts';
import { parseFlatKeyed } from '../../../src/plugins/docker/cgroup/flat-keyed-file.ts';
import { parseNetDev } from '../../../src/plugins/docker/cgroup/net-dev.ts';
import { findCgroup } from '../../../src/plugins/docker/cgroup/read-cgroup.ts';
import { parseBlkio } from '../../../src/plugins/docker/cgroup/v1.ts';
import { parseIoStat } from '../../../src/plugins/docker/cgroup/v2.ts';
import { exitCodeOf } from '../../../src/plugins/docker/endings.ts';
import { deviceMapper } from '../../../src/plugins/docker/report/devicemapper.ts';
import { parseImage } from '../../../src/plugins/docker/report/names.ts';
import { target, type Target } from '../target.ts';

const EVENT = {
  Type: 'container',
  Action: 'die',
  Actor: { ID: 'ab12', Attributes: { name: 'web', image: 'nginx', exitCode: '137', 'com.example/x': 'é' } },
  time: 1_700_000_000,
  timeNano: 1_700_000_000_123_456_789,
};
const EVENTS = [
  `${JSON.stringify(EVENT)}\n${JSON.stringify({ ...EVENT, Action: 'health_status: healthy' })}\n`,
  `${JSON.stringify({ ...EVENT, Type: 'network' })}\n\n${JSON.stringify({ ...EVENT, Action: 'destroy', timeNano: undefined })}\n`,
];

/** In pieces, as a socket delivers them. */
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const length = 1 + (bytes.length % 97);
  for (let at = 0; at < bytes.length; at += length) {
    await Promise.resolve();
    yield bytes.subarray(at, at + length);
  }
}

async function eventsIn(bytes: Buffer): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of parseEvents(pieces(bytes))) events.push(event);
  return events;
}

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

const CGROUP = [
  '0::/system.slice/docker-ab12.scope/init\n',
  '11:memory:/docker/ab12\n10:cpu,cpuacct:/docker/ab12\n1:name=systemd:/x\n',
];

const NET_DEV =
  'Inter-|   Receive      |  Transmit\n face |bytes packets|bytes packets\n    lo: 1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0\n  eth0: 100 2 0 0 0 0 0 0 50 1 0 0 0 0 0 0\n';

export const DOCKER: readonly Target[] = [
  target('docker: names of images', {
    share: 0.5,
    examples: ['registry:5000/team/web:1.2', 'web', 'web@sha256:0123'],
    longest: 20_000,
    parse: (input) => parseImage(input.toString()),
    holds: ({ image, version }, input) => {
      ok(image.length + version.length <= input.length + 20);
    },
  }),
  target('docker: events', {
    share: 1.5,
    examples: EVENTS,
    parse: eventsIn,
    throws: ['Error'],
    holds(events) {
      for (const event of events) {
        equal(typeof event.Actor.ID, 'string');
        equal(typeof isReported(event), 'boolean');
        equal(typeof isRemoval(event), 'boolean');
        ok(Number.isFinite(eventTime(event)));
        equal(typeof exitCodeOf(event), 'number');
      }
    },
  }),
  target('docker: log', {
    examples: [Buffer.concat([frame(1, 'hello\nworld\n'), frame(2, 'oops\r\n')]), 'a terminal\r\nhas no frames\r\n'],
    parse: (input) => lastLines(pieces(input)),
    holds(lines, input) {
      ok(lines.every((line) => line.trim() !== '' && !line.includes('\n')));
      ok(lines.join('').length <= input.length);
    },
  }),
  target('docker: shape of an answer', {
    examples: [
      '[{"Id":"a","Names":["/web"]},{"Id":"b"}]',
      '{"State":{"Pid":1},"cpu_stats":{"cpu_usage":{}},"memory_stats":{}}',
    ],
    parse(input) {
      let answer: unknown;
      try {
        answer = JSON.parse(input.toString());
      } catch {
        return; // what is not JSON never gets this far
      }
      checkShape(answer, Array.isArray(answer) ? 'list' : ['State', 'cpu_stats.cpu_usage', 'memory_stats']);
    },
    throws: ['AnswerError'],
  }),
  target('docker: times', {
    share: 0.5,
    examples: ['2026-01-31T08:00:00.123456789Z', '0001-01-01T00:00:00Z', '2026-01-31T08:00:00+02:00'],
    longest: 5000,
    parse: (input) => parseTime(input.toString()),
  }),
  target('docker: cgroup of a process', {
    share: 0.5,
    examples: CGROUP,
    parse: (input) => findCgroup(input.toString(), 'ab12', '/sys/fs/cgroup'),
    holds(found) {
      const folders = found?.version === 1 ? Object.values(found.folders) : [found?.folder ?? '/sys/fs/cgroup'];
      ok(folders.every((folder) => folder.startsWith('/sys/fs/cgroup')));
    },
  }),
  target('docker: files of a cgroup', {
    examples: [
      '8:0 Read 4096\n8:0 Write 1\nTotal 4097\n',
      '8:0 rbytes=4096 wbytes=0 rios=1 wios=0\n',
      'anon 1\nfile 2\nusage_usec 3\n',
    ],
    parse(input) {
      const text = input.toString();
      return { blkio: parseBlkio(text), io: parseIoStat(text), flat: parseFlatKeyed(text) };
    },
    holds({ blkio, io, flat }) {
      for (const { major, minor } of [...blkio, ...io]) ok(!Number.isNaN(major + minor));
      for (const plain of [flat, ...io.map(({ counters }) => counters)]) {
        equal(Object.getPrototypeOf(plain), Object.prototype);
      }
    },
  }),
  target('docker: interfaces', {
    examples: [NET_DEV],
    parse: (input) => parseNetDev(input.toString()),
    holds(networks) {
      equal(Object.getPrototypeOf(networks), Object.prototype);
    },
  }),
  target('docker: devicemapper', {
    share: 0.3,
    examples: ['Pool Name=docker-8:1\nPool Blocksize=65.54 kB\nData Space Used=11.8 MB\nData Space Total=107.4 GB\n'],
    parse: (input) =>
      deviceMapper(
        input
          .toString()
          .split('\n')
          .map((line) => {
            const [label = '', text = ''] = line.split('=');
            return [label, text] as const;
          }),
      ),
    holds(mapper) {
      ok(Object.values(mapper?.all ?? {}).every((bytes) => bytes >= 0));
    },
  }),
];
