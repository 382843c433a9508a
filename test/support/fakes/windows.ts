import { join } from 'node:path';

import { systemClock, type Clock } from '../../../src/core/clock.ts';
import { WindowsReader } from '../../../src/host/windows/reader.ts';

const PROGRAM = join(import.meta.dirname, '../../windows/fake-reader.mjs');

/** A reader whose program is the strict fake. @param fault see there */
export function fakeWindows(fault: () => string = () => '', clock: Clock = systemClock): WindowsReader {
  // By the shell, since the reader hands on only a few variables.
  return new WindowsReader(clock, () => ({
    program: '/bin/sh',
    args: ['-c', 'READER_FAULT="$1" exec "$2" "$3"', 'sh', fault(), process.execPath, PROGRAM],
  }));
}
