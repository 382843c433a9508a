/**
 * Loaded before healthd under Wine (`node -r`). Instead of powershell.exe, which Wine has not, the strict fake of the Windows reader runs,
 * as a process of its own; each start is a line of the file in HELPERS.
 */
'use strict';
const childProcess = require('node:child_process');
const { appendFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const spawn = childProcess.spawn;
childProcess.spawn = (program, args, options) => {
  appendFileSync(process.env.HELPERS ?? 'C:\\t\\helpers.txt', `${program}\n`);
  if (!/powershell\.exe$/i.test(program)) return spawn(program, args, options);
  return spawn(process.execPath, ['C:\\t\\fake-reader.cjs'], options);
};
syncBuiltinESMExports();
