/**
 * Loaded before healthd under Wine (`node --import`). Every program that healthd starts is written to C:\t\started.txt, a line each.
 * Instead of powershell.exe, which Wine has not, the strict fake of the Windows reader runs, as a process of its own; instead of programs
 * of the system that Wine has in part only, those of fake-system.mjs.
 */
import childProcess from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

const note = (program) => {
  appendFileSync('C:\\t\\started.txt', `${process.pid} ${program}\n`);
};

const spawn = childProcess.spawn;
childProcess.spawn = (program, args, options) => {
  note(program);
  if (!/powershell\.exe$/i.test(program)) return spawn(program, args, options);
  return spawn(process.execPath, ['C:\\t\\fake-reader.mjs'], options);
};
const SYSTEM = /\\(?:System32\\(?:sc|net|reg|icacls|schtasks)|v4\.0\.30319\\csc)\.exe$/i;
for (const name of ['exec', 'execFile', 'execSync', 'execFileSync', 'spawnSync', 'fork']) {
  const original = childProcess[name];
  const noted =
    (call) =>
    (program, ...rest) => {
      note(program);
      if (!SYSTEM.test(program)) return call(program, ...rest);
      const [args, ...others] = rest;
      return call(process.execPath, ['C:\\t\\fake-system.mjs', program.replace(/^.*\\/, ''), ...args], ...others);
    };
  childProcess[name] = noted(original);
  const promised = original[promisify.custom];
  if (promised !== undefined) childProcess[name][promisify.custom] = noted(promised);
}
syncBuiltinESMExports();
