#!/usr/bin/env node
/** argv → command → exit code. Only `end-process.ts` ends the process. Everything else is imported on demand. */
import { EXIT, type ExitCode, type Terminal } from './commands/command.ts';
import { endSoon } from './end-process.ts';
import { guardStdout, processSignals } from './process.ts';

const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
};

const argv = process.argv.slice(2);
const isDaemon = argv[0] === 'run';
const signals = processSignals(isDaemon);
guardStdout();

try {
  process.exitCode = await main();
} catch (error) {
  const { describeProblem } = await import('./commands/read-config.ts');
  const { hasLooks } = await import('./commands/print.ts');
  terminal.stderr.write(`${describeProblem(error, hasLooks(terminal.stderr))}\n`);
  process.exitCode = EXIT.misuse;
}
// The daemon has waited for readers of its output; one that does not read it must not keep the process.
endSoon(() => !isDaemon && terminal.stdout.writableLength > 0, signals.asked());

async function main(): Promise<ExitCode> {
  if (['version', '--version', '-V'].includes(argv[0] ?? '')) {
    const { version } = await import('./commands/version.ts');
    return version({}, terminal);
  }
  const { execute } = await import('./commands/program.ts');
  return execute(argv, terminal, signals);
}
