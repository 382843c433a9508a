import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { netstat } from '../../../src/plugins/netstat/index.ts';
import { countAllSockets } from '../../../src/plugins/netstat/native.ts';
import { fieldOf } from '../../../src/plugins/netstat/portable.ts';
import { noSockets } from '../../../src/plugins/netstat/states.ts';
import { countSockets } from '../../../src/plugins/netstat/table.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(netstat);

const fieldsOf = async (provider: 'native' | 'portable') => {
  const input = await testInput(netstat, { provider });
  const { metrics, errors } = await input.gather();
  await input.stop();
  expect(errors).toEqual([]);
  return metrics[0]!.fields;
};

test('both providers count the sockets of this test', async () => {
  const before = await fieldsOf('native');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const clients = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  try {
    const native = await fieldsOf('native');
    const portable = await fieldsOf('portable');
    // Both ends of each connection are on this machine; other programs open and close some as well.
    expect(Number(native['tcp_established']) - Number(before['tcp_established'])).toBeGreaterThanOrEqual(30);
    for (const field of ['tcp_established', 'tcp_listen']) {
      expect(Math.abs(Number(native[field]) - Number(portable[field]))).toBeLessThanOrEqual(10);
    }
    expect(portable['tcp_none']).toBeUndefined();
  } finally {
    for (const client of clients) client.destroy();
    server.close();
  }
});

test('100,000 connections are counted exactly, chunk by chunk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-netstat-'));
  try {
    mkdirSync(join(folder, 'net'));
    await writeTable(join(folder, 'net', 'tcp'), 100_000);
    let turns = 0;
    const immediate = () => {
      turns += 1;
      timer = setImmediate(immediate);
    };
    let timer = setImmediate(immediate);
    const counts = await countAllSockets(join(folder, 'net'), AbortSignal.timeout(20_000));
    clearImmediate(timer);
    expect(counts).toEqual({ ...noSockets(), tcp_established: 75_000, tcp_time_wait: 25_000 });
    // 15 MB through a buffer of 32 kB: the event loop runs between the chunks.
    expect(turns).toBeGreaterThan(400);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('lines split anywhere are reassembled', () => {
  const table = readFileSync(join(import.meta.dirname, 'ordinary/root/proc/net/tcp'));
  const whole = noSockets();
  expect(countSockets(table, 'tcp', whole)).toBe(table.length);
  for (let cut = 0; cut <= table.length; cut += 7) {
    const counts = noSockets();
    const used = countSockets(table.subarray(0, cut), 'tcp', counts);
    countSockets(table.subarray(used), 'tcp', counts);
    expect(counts).toEqual(whole);
  }
});

test.each([
  ['ESTABLISHED', 'tcp_established'],
  ['ESTAB', 'tcp_established'],
  ['SYN_RECEIVED', 'tcp_syn_recv'],
  ['FIN_WAIT_1', 'tcp_fin_wait1'],
  ['FIN-WAIT-2', 'tcp_fin_wait2'],
  ['TIME-WAIT', 'tcp_time_wait'],
  ['CLOSED', 'tcp_close'],
  ['LISTENING', 'tcp_listen'],
])('state %s maps to %s', (spelling, field) => {
  expect(fieldOf(spelling)).toBe(field);
});

test('an abort stops reading', async () => {
  await expect(countAllSockets('/proc/net', AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline');
});

/** Every fourth connection is in TIME_WAIT, the others are ESTABLISHED. */
async function writeTable(path: string, lines: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n');
  for (let n = 0; n < lines; n += 1) {
    const state = n % 4 === 3 ? '06' : '01';
    const line = `${String(n).padStart(4)}: 0100007F:1F90 0100007F:C350 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${n}`;
    file.write(`${line.padEnd(149)}\n`);
  }
  file.end();
  await once(file, 'finish');
}
