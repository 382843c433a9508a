import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { cpu } from '../../../src/plugins/cpu/index.ts';
import { kernel } from '../../../src/plugins/kernel/index.ts';
import { mem } from '../../../src/plugins/mem/index.ts';
import { netstat } from '../../../src/plugins/netstat/index.ts';
import { processes } from '../../../src/plugins/processes/index.ts';
import { swap } from '../../../src/plugins/swap/index.ts';
import { system } from '../../../src/plugins/system/index.ts';
import { testInput } from '../../../src/testing.ts';

test('on Linux these inputs start no child process', async () => {
  const inputs = await Promise.all([
    testInput(cpu, { core_tags: true, collect_cpu_time: true }),
    testInput(kernel, { collect: ['psi', 'ksm'] }),
    testInput(mem, { collect_extended: true }),
    testInput(netstat, {}),
    testInput(processes, {}),
    testInput(swap, {}),
    testInput(system, { include: ['legacy', 'os', 'dmi'] }),
  ]);
  const before = faultsOfChildren();
  for (const input of [...inputs, ...inputs]) await input.gather();
  expect(faultsOfChildren()).toBe(before);
  await Promise.all(inputs.map((input) => input.stop()));

  // Proves that the measure detects children.
  execFileSync('true');
  expect(faultsOfChildren()).toBeGreaterThan(before);
});

/** Page faults of reaped children, `cminflt` of proc(5): no program can run without some. */
function faultsOfChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[8]);
}
