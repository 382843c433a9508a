/** What the history, the findings and the API read of the host and of clients. */
import { deepEqual, equal, ok } from 'node:assert/strict';

import { formatSeriesName, parseSeriesName } from '../../../src/api/series-name.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { parseHostHeader, parseListen } from '../../../src/core/listen-address.ts';
import { atOnce } from '../../../src/core/turns.ts';
import { parseProperties, parseUnits } from '../../../src/findings/checks/units.ts';
import { decodeFrames, encodeFrames } from '../../../src/history/processes/frame-block.ts';
import { parseJoinAddress } from '../../../src/host/hub/join-address.ts';
import { parseIo } from '../../../src/host/processes/known-process.ts';
import { parsePasswd } from '../../../src/host/processes/user-names.ts';
import { parseHeartbeat } from '../../../src/plugins/influxdb_listener/heartbeat.ts';
import { decodeWriteRequest } from '../../../src/plugins/prometheus_remote_write/write-request.ts';
import { target, type Target } from '../target.ts';

const RESTIC = { pid: 812, name: 'restic', user: 'root', unit: 'backup.service', cpu: 98.2, memory: 1_181_116_416 };
const FRAMES = [0, 10_000, 20_000].map((after) => ({
  at: 1_700_000_000_000 + after,
  total: 412,
  processes: [{ ...RESTIC, read: 432_013_312 + after, written: undefined }],
}));

/** `{__name__="a", l="x"} 1.5` at 5 ms. */
const WRITE_REQUEST = Buffer.from(
  '0a220a0d0a085f5f6e616d655f5f1201610a060a016c120178120b09000000000000f83f1005',
  'hex',
);

/** What `healthd join` refuses. */
function joinAddress(text: string) {
  try {
    return parseJoinAddress(text);
  } catch (error) {
    ok(error instanceof ConfigError);
    return undefined;
  }
}

export const HOST: readonly Target[] = [
  target('addresses of a hub', {
    share: 0.05,
    examples: [
      `https://hub:8400#hd_join_${'a'.repeat(43)}.${'b'.repeat(43)}`,
      `http://127.0.0.1:8400#hd_join_${'a'.repeat(43)}`,
      `https://[2001:db8::1]/x?y#hd_join_${'a'.repeat(43)}`,
    ],
    longest: 1024,
    parse: (input) => joinAddress(input.toString()),
    holds(address) {
      if (address === undefined) return;
      const { hub, token, fingerprint } = address;
      ok(new URL(hub).origin === hub && token.startsWith('hd_join_'));
      deepEqual(joinAddress(`${hub}#${token}${fingerprint === undefined ? '' : `.${fingerprint}`}`), address);
    },
  }),
  target('names of series', {
    share: 0.1,
    examples: ['cpu.usage_idle{cpu=cpu-total}', 'a."b.c"{"k=\\"":"",host=""}', 'disk.free{path="/a,b"}'],
    longest: 4096,
    parse: (input) => parseSeriesName(input.toString(), 'web1'),
    holds(parts) {
      if (parts !== undefined) deepEqual(parseSeriesName(formatSeriesName(parts, 'web1'), 'web1'), parts);
    },
  }),
  target('systemctl', {
    share: 0.1,
    examples: [
      '● nginx.service loaded failed failed A high performance web server\n',
      'Id=nginx.service\nResult=exit-code\nNRestarts=2\nExecMainStatus=1\nStateChangeTimestampMonotonic=123456\n\nId=a.timer\n',
    ],
    parse: (input) => [...parseUnits(input.toString()), ...parseProperties(input.toString())],
    holds(units) {
      for (const unit of units) ok(typeof unit === 'string' ? unit.length > 0 : Number.isFinite(unit.failedAt));
    },
  }),
  target('/etc/passwd, /proc/[pid]/io', {
    share: 0.1,
    examples: [
      'root:x:0:0:root:/root:/bin/bash\nmk:x:1000:1000::/home/mk:/bin/sh\n',
      'rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\n',
    ],
    parse(input) {
      const io = parseIo(input.toString());
      ok(io === undefined || (io.read >= 0 && io.written >= 0));
      return parsePasswd(input.toString());
    },
    holds(names) {
      for (const name of names.values()) ok(name.length > 0 && name.length <= 32);
    },
  }),
  target('addresses of the server and Host headers', {
    share: 0.1,
    examples: ['127.0.0.1:8400', '[::1]:8400', ':8400', 'web1.example.org', 'WEB1:80'],
    longest: 1024,
    parse: (input) => parseHostHeader(input.toString()) ?? parseListen(input.toString()),
    holds(parsed) {
      if (typeof parsed === 'string') equal(parsed, parsed.toLowerCase());
      else if (parsed !== undefined) ok(parsed.port >= 0 && parsed.port <= 65_535);
    },
  }),
  target('requests of remote write', {
    share: 0.1,
    examples: [WRITE_REQUEST],
    parse: (input) => atOnce(decodeWriteRequest(input, 1000)),
    throws: ['Error', 'RangeError'],
    holds(samples, input) {
      ok(samples.length <= Math.min(1000, input.length));
    },
  }),
  target("Telegraf's heartbeat", {
    share: 0.1,
    examples: [
      '{"id":"agent-123","version":"Telegraf 1.37.0","schema":1,"hostname":"web1","metrics":71,"logs":{"errors":1,"warnings":2,"entries":[{"time":"2025-10-22T16:02:30Z","level":"ERROR","source":"inputs.cpu","message":"x"}]},"status":"OK","last":1}',
    ],
    parse: (input) => parseHeartbeat(input.toString()),
    holds(heartbeat) {
      if (typeof heartbeat === 'string') ok(heartbeat.length < 1000);
      else ok(Object.values(heartbeat.tags).every((tag) => tag.length > 0 && tag.length <= 1000));
    },
  }),
  target('blocks of process frames', {
    share: 0.1,
    examples: [encodeFrames(FRAMES)],
    parse: decodeFrames,
    throws: ['CorruptBlockError'],
    holds(frames) {
      ok(frames.length > 0);
    },
  }),
];
