import { afterEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import { parseReaderLine, WindowsReader } from '../../../src/host/windows/reader.ts';
import { READER_SCRIPT, readerArguments } from '../../../src/host/windows/script.ts';
import { manualClock } from '../../../src/testing.ts';
import { fakeWindows } from '../../support/fakes/windows.ts';

const never = new AbortController().signal;

let ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

function opened(...of: Parameters<typeof fakeWindows>) {
  const reader = fakeWindows(...of);
  const lease = reader.lease();
  ends.push(lease.release);
  return { reader, lease };
}

const counts = (reader: WindowsReader) => reader.status()[0]?.fields;

test('W-012, W-013: one process answers the questions of several users in order', async () => {
  const { reader, lease } = opened();
  const other = reader.lease();
  ends.push(other.release);
  const [cores, net] = await Promise.all([lease.ask('cores', {}, never), other.ask('net', {}, never)]);
  expect(cores).toEqual([{ NumberOfCores: 4 }, { NumberOfCores: 4 }]);
  expect(net).toHaveLength(4);
  lease.release();
  await expect(other.ask('system', {}, never)).resolves.toHaveLength(1);
  expect(counts(reader)).toMatchObject({ starts: 1, failures: 0, requests: 3, memory_bytes: 60e6 });
});

test('without a question no process starts, and the last user ends it', async () => {
  const { reader, lease } = opened();
  expect(reader.status()).toEqual([]);
  await lease.ask('cores', {}, never);
  lease.release();
  await lease.ask('cores', {}, never);
  expect(counts(reader)).toMatchObject({ starts: 2, failures: 0 });
});

test('an error of one part is that of one question', async () => {
  const { reader, lease } = opened();
  await expect(lease.ask('moon', {}, never)).rejects.toThrow('Windows cannot say "moon": There is no part moon');
  await expect(lease.ask('cores', {}, never)).resolves.toHaveLength(2);
  expect(counts(reader)).toMatchObject({ starts: 1, failures: 0 });
});

describe('W-014: a process that fails is an error, and rests before the next one', () => {
  test.each([
    ['wrong', 'it answered {"id":1,"value":0}'],
    ['id', 'it answered {"id":77,"value":[]}'],
    ['exit', 'it ended with code 7'],
    ['garbage', 'it began with Windows PowerShell'],
    ['language', 'it ended with code 1; it said: Die Ausführung von Skripts ist auf diesem System deaktiviert.'],
    ['long', 'it wrote a line of more than 16777216 characters'],
  ])('%s', async (fault, message) => {
    const { reader, lease } = opened(() => fault);
    await expect(lease.ask('cores', {}, never)).rejects.toThrow(`The Windows reader failed at "cores": ${message}`);
    await expect(lease.ask('cores', {}, never)).rejects.toThrow('has failed and starts again in 1 s');
    expect(counts(reader)).toMatchObject({ starts: 1, failures: 1 });
  });

  test('a program that is missing', async () => {
    const reader = new WindowsReader(systemClock, () => ({ program: '/no/such/powershell.exe', args: [] }));
    await expect(reader.lease().ask('cores', {}, never)).rejects.toThrow('cannot run /no/such/powershell.exe');
  });

  test.each([
    ['never', 60_000, 'it did not start within 60 s'],
    ['late', 30_000, 'it did not answer within 30 s'],
  ])('%s', async (fault, ms, message) => {
    const clock = manualClock();
    const { reader, lease } = opened(() => fault, clock);
    const asked = lease.ask('cores', {}, never);
    const ended = new AbortController();
    asked.catch(() => {
      ended.abort();
    });
    // The deadline of an answer begins when the process is ready, so the clock goes on until it is over.
    while (!ended.signal.aborted) {
      clock.advance(fault === 'never' ? ms : 10_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await expect(asked).rejects.toThrow(message);
    expect(counts(reader)).toMatchObject({ failures: 1 });
  });
});

test('W-014: after the backoff, which doubles, it starts again', async () => {
  const clock = manualClock();
  let fault = 'exit';
  const { reader, lease } = opened(() => fault, clock);
  const ask = () => lease.ask('cores', {}, never);
  await expect(ask()).rejects.toThrow('failed at');
  clock.advance(1000);
  await expect(ask()).rejects.toThrow('failed at');
  clock.advance(1000);
  await expect(ask()).rejects.toThrow('starts again in 1 s');
  clock.advance(1000);
  fault = '';
  await expect(ask()).resolves.toHaveLength(2);
  expect(counts(reader)).toMatchObject({ starts: 3, failures: 2 });
});

test('a question whose gather ends is given up, and the process goes on', async () => {
  const { reader, lease } = opened();
  const gather = new AbortController();
  const asked = lease.ask('net', {}, gather.signal);
  gather.abort();
  await expect(asked).rejects.toThrow('has not answered "net" in time');
  await expect(lease.ask('cores', {}, never)).resolves.toHaveLength(2);
  expect(counts(reader)).toMatchObject({ starts: 1, failures: 0 });
});

test('W-014: a process is replaced after a day', async () => {
  const clock = manualClock();
  const { reader, lease } = opened(undefined, clock);
  await lease.ask('cores', {}, never);
  clock.advance(86_400_001);
  await lease.ask('cores', {}, never);
  expect(counts(reader)).toMatchObject({ starts: 2, failures: 0 });
});

test('the program fits into a command line, and has neither Add-Type nor marks of a template', () => {
  const line = readerArguments().join(' ');
  expect(line.length).toBeLessThan(32_000);
  expect(READER_SCRIPT).not.toMatch(/Add-Type|`|\$\{/i);
  const encoded = Buffer.from(readerArguments().at(-1) ?? '', 'base64').toString('utf16le');
  expect(encoded).toContain('GetAllNetworkInterfaces');
  // Brackets close, as far as that can be seen without PowerShell.
  for (const [open, close] of ['{}', '()', '[]']) {
    expect(encoded.split(open!).length).toBe(encoded.split(close!).length);
  }
});

test('a line that is no object is none', () => {
  expect(['', '[]', '1', 'null', '{', '"x"'].map(parseReaderLine)).toEqual(Array(6).fill(undefined));
  expect(parseReaderLine('\uFEFF{"ready":1}\r')).toEqual({ ready: 1 });
});
