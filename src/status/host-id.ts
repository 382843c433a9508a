/**
 * The host's id: made once, kept in the state directory, so that it stays when the host is renamed. Not the machine's id,
 * which clones of one image share, and which programs are asked not to show (machine-id(5)).
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeError, errorCode, unlessMissing } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

const FILE = 'host-id';
const ID = /^[0-9a-f]{32}$/;

/** 32 hex digits. If it cannot be kept it is made for this run, with a warning. Never throws. */
export async function hostId(stateDirectory: string, log: Logger): Promise<string> {
  const path = join(stateDirectory, FILE);
  const made = randomBytes(16).toString('hex');
  try {
    const known = (await unlessMissing(readFile(path, 'utf8')))?.trim();
    if (known !== undefined && ID.test(known)) return known;
    if (known !== undefined) await rm(path, { force: true });
    return await keep(path, made, stateDirectory);
  } catch (error) {
    log.warn(`The host's id cannot be kept; it will be another one after a restart: ${describeError(error)}`, { path });
    return made;
  }
}

/** Complete or not at all. Of two processes that make one, the first wins. */
async function keep(path: string, id: string, stateDirectory: string): Promise<string> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o750 });
  const draft = `${path}.${id}`;
  await writeFile(draft, `${id}\n`, { mode: 0o640, flag: 'wx' });
  try {
    await link(draft, path);
    return id;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await readFile(path, 'utf8')).trim();
  } finally {
    await rm(draft, { force: true });
  }
}
