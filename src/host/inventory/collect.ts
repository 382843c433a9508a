/**
 * Collects the inventory in a process of its own: the package systeminformation starts programs, some of them synchronously,
 * and none of them with a deadline that is ours. The process group is stopped as a whole.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { jsonOf } from '../../core/json.ts';
import type { Clock, RunProgram } from '../../plugin/index.ts';

import { FUNCTIONS, factsSchema, type Facts } from './facts.ts';

const DEADLINE_MS = 60_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

/** Arguments: the URL of the package's file, then names of its functions. One that fails leaves its key out. */
const PROGRAM = `
import { setPriority } from 'node:os';
const [file, ...names] = process.argv.slice(1);
try { setPriority(10); } catch {}
const { default: si } = await import(file);
const facts = {};
for (const name of names) try { facts[name] = await si[name](); } catch {}
process.stdout.write(JSON.stringify(facts));
`;

/** @throws if it cannot be collected in time */
export async function collectFacts(run: RunProgram, clock: Clock): Promise<Facts> {
  // On Windows a path is no module specifier: `C:` would be a protocol.
  const file = pathToFileURL(createRequire(import.meta.url).resolve('systeminformation')).href;
  const command = [process.execPath, '--input-type=module', '--eval', PROGRAM, '--', file, ...FUNCTIONS] as const;
  const options = { maxOutput: MAX_OUTPUT, environment: { LC_ALL: 'C' } };
  const { failure, stdout, stderr } = await run(command, options, clock.signal(DEADLINE_MS));
  if (failure !== undefined) throw new Error(`The inventory ${failure}: ${stderr.toString('utf8').slice(0, 500)}`);
  return factsSchema.parse(jsonOf(stdout.toString('utf8')));
}
