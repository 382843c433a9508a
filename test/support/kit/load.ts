/** Load from real processes, with names to recognise among the busiest. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export interface Load {
  stop(): Promise<void>;
}

/** Keeps every processor busy. */
export function busyLoops(folder: string, name: string): Load {
  const program = named(folder, name);
  return running(Array.from({ length: availableParallelism() }, () => start(program, 'for (;;);')));
}

/** @param bytes to allocate and touch */
export function memoryHog(folder: string, name: string, bytes: number): Load {
  const script = `
    const chunks = [];
    for (let left = ${bytes}; left > 0; left -= 1 << 20) chunks.push(Buffer.alloc(1 << 20, 1));
    setInterval(() => chunks.length, 1000);`;
  return running([start(named(folder, name), script)]);
}

/** Available memory of this machine after using `bytes` more; percent. */
export function availableAfter(bytes: number): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]) * 1024;
  return (100 * (read('MemAvailable') - bytes)) / read('MemTotal');
}

/** The kernel names a process after its executable. */
function named(folder: string, name: string): string {
  const program = join(folder, name);
  symlinkSync(process.execPath, program);
  return program;
}

function start(program: string, script: string): ChildProcess {
  return spawn(program, ['-e', script], { stdio: 'ignore' });
}

function running(children: readonly ChildProcess[]): Load {
  return {
    stop: async () => {
      await Promise.all(
        children.map(
          (child) =>
            new Promise<void>((resolve) => {
              if (child.exitCode !== null || child.signalCode !== null) resolve();
              child.once('exit', () => {
                resolve();
              });
              child.kill('SIGKILL');
            }),
        ),
      );
    },
  };
}
