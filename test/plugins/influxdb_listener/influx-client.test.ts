/** Debian's `influx`, the client of InfluxDB 1, against the listener: `/ping`, `/write`, and imports of files. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect } from '@jest/globals';

import { influxdbListener } from '../../../src/plugins/influxdb_listener/index.ts';
import { openListener, type OpenListener } from '../../support/kit/open-listener.ts';
import { serverFolder, testWith, type Requirement } from '../../support/servers/real-server.ts';

const INFLUX: Requirement = { binary: 'influx', package: 'influxdb-client' };
const CLIENT_MS = 30_000;

let opened: OpenListener;
let folder: ReturnType<typeof serverFolder>;

beforeEach(async () => {
  folder = serverFolder('influx');
  opened = await openListener(influxdbListener, { token: 'secret', database_tag: 'db' });
});

afterEach(async () => {
  await opened.close();
  folder.remove();
});

/** Its exit code, and what it prints. */
function influx(
  password: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const { hostname, port } = new URL(opened.url);
  const server = ['-host', hostname, '-port', port, '-username', 'any', '-password', password];
  return new Promise((resolve) => {
    execFile(INFLUX.binary, [...server, ...args], { timeout: CLIENT_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

function imported(text: string, ...args: readonly string[]) {
  const path = join(folder.path, 'points.txt');
  writeFileSync(path, text);
  return influx('secret', '-import', `-path=${path}`, ...args);
}

const test = testWith(INFLUX);

test('it writes a line, and is refused without the password', async () => {
  const insert = 'INSERT cpu,host=web1 usage=5 1700000000000000000';
  expect(await influx('secret', '-database', 'app', '-execute', insert)).toEqual({ code: 0, output: '' });
  expect(opened.lines).toEqual(['cpu,db=app,host=web1 usage=5 1700000000000000000']);
  const { output } = await influx('wrong', '-database', 'app', '-execute', insert);
  expect(output).toContain('Credentials are missing or wrong');
  expect(opened.lines).toHaveLength(1);
});

const POINTS = '# DDL\nCREATE DATABASE app\n# DML\n# CONTEXT-DATABASE: app\n';

test('it imports a file, in the precision that it is asked for', async () => {
  const { code, output } = await imported(
    `${POINTS}cpu,host=a v=1 1700000000\ncpu,host=b v=2 1700000001\n`,
    '-precision=s',
  );
  expect([code, output]).toEqual([0, expect.stringContaining('Processed 2 inserts')]);
  expect(opened.lines).toEqual([
    'cpu,db=app,host=a v=1 1700000000000000000',
    'cpu,db=app,host=b v=2 1700000001000000000',
  ]);
});

test('of an import with a bad line the others are stored, and it says which one is bad', async () => {
  const { code, output } = await imported(`${POINTS}cpu v=1 1\nbad line here\ncpu v=3 3\n`);
  expect([code, output]).toEqual([1, expect.stringContaining(`partial write: unable to parse 'bad line here'`)]);
  expect(opened.lines).toEqual(['cpu,db=app v=1 1', 'cpu,db=app v=3 3']);
});

test('queries are refused with a reason', async () => {
  const { code, output } = await influx('secret', '-execute', 'SHOW DATABASES');
  expect([code, output]).toEqual([1, expect.stringContaining('healthd takes writes only')]);
});
