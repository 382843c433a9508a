/**
 * Loaded before healthd under Wine (`node --import`). Instead of powershell.exe, which Wine has not, the strict fake of the Windows reader
 * runs, as a process of its own.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const spawn = childProcess.spawn;
childProcess.spawn = (program, args, options) => {
  if (!/powershell\.exe$/i.test(program)) return spawn(program, args, options);
  return spawn(process.execPath, ['C:\\t\\fake-reader.mjs'], options);
};
syncBuiltinESMExports();
