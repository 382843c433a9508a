/** The state directory: rights, owners, room, the journal in it, and who uses it. */
import { constants } from 'node:fs';
import { access, lstat, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describeError, errorCode } from '../../core/errors.ts';
import { inspectJournal } from '../../journal/inspect.ts';
import { journalDirectory } from '../../journal/part.ts';

import { humanBytes } from '../columns.ts';
import { fine, problem, type Check, type DoctorFinding, type Patient } from './finding.ts';

export const checkState: Check = async (patient) => {
  const { stateDirectory: folder, user } = patient;
  const there = await nearestExisting(folder);
  if (!(await stat(there)).isDirectory()) return [problem(`State directory: ${there} is no folder`, ELSEWHERE)];
  if (!(await mayWrite(there))) {
    return [problem(`State directory: ${user.name} may not write ${there}`, await remedyFor(folder, there, patient))];
  }
  if (there !== folder) return [fine(`State directory ${folder} will be made`), ...(await roomIn(there, patient))];
  return [
    ...(await ownersIn(folder)),
    ...(await roomIn(folder, patient)),
    ...(await timesIn(folder, patient)),
    ...(await journalIn(folder, patient)),
  ];
};

async function nearestExisting(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') || dirname(folder) === folder) return folder;
    return nearestExisting(dirname(folder));
  }
}

const ELSEWHERE = 'choose another agent.state_dir';

/** Only a folder that healthd has made is given to another user. */
async function remedyFor(folder: string, there: string, { user, program }: Patient): Promise<string> {
  if (user.id === 0) return ELSEWHERE;
  if (there !== folder) return `sudo install -d -m 0750 -o ${user.name} ${folder}`;
  const { uid } = await stat(folder);
  if (uid !== 0 && uid !== user.id) return `run it as the user of the agent: sudo -u '#${uid}' ${program} doctor`;
  const isOurs = await access(journalDirectory(folder)).then(
    () => true,
    () => false,
  );
  return isOurs ? `sudo chown -R ${user.name}: ${folder}` : `${ELSEWHERE}, or make it writable for ${user.name}`;
}

async function mayWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Enough to see files of a former run by root. */
const MAX_FILES = 10_000;

async function ownersIn(folder: string): Promise<readonly DoctorFinding[]> {
  const owner = (await stat(folder)).uid;
  const names = (await readdir(folder, { recursive: true })).slice(0, MAX_FILES);
  const all = await Promise.all(names.map((name) => lstat(join(folder, name)).catch(() => undefined)));
  const foreign = names.filter((_, index) => (all[index]?.uid ?? owner) !== owner);
  const [example] = foreign;
  if (example === undefined) return [fine(`State directory ${folder}`)];
  const text = `State directory: ${foreign.length} files do not belong to the owner of ${folder}, such as ${example}`;
  return [problem(text, `sudo chown -R --reference=${folder} ${folder}`)];
}

/** With less, the journal and the history soon cannot be written. Bytes. */
const MIN_FREE = 100 * 1024 * 1024;

async function roomIn(folder: string, { config }: Patient): Promise<readonly DoctorFinding[]> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const free = bavail * bsize;
  const wanted = Math.min(config?.journal.max_bytes ?? MIN_FREE, MIN_FREE);
  if (files > 0 && ffree === 0) return [problem(`Disk of ${folder}: no inode is free`, `df -i ${folder}`)];
  if (free >= wanted) return [fine(`Disk of ${folder}: ${humanBytes(free)} free`)];
  return [
    problem(`Disk of ${folder}: only ${humanBytes(free)} free`, `free some, see: du -xh ${folder} | sort -h | tail`),
  ];
}

/** Clocks of two file systems may differ a little. ms */
const TOLERANCE_MS = 60_000;

async function timesIn(folder: string, { now }: Patient): Promise<readonly DoctorFinding[]> {
  const names = (await readdir(folder, { recursive: true })).slice(0, MAX_FILES);
  for (const name of names) {
    const status = await lstat(join(folder, name)).catch(() => undefined);
    if (status === undefined || status.mtimeMs <= now + TOLERANCE_MS) continue;
    const text = `Clock: ${join(folder, name)} is from ${status.mtime.toISOString()}, which has not come yet; the clock was set back, or is wrong`;
    return [problem(text, 'timedatectl status; sudo timedatectl set-ntp true')];
  }
  return [];
}

async function journalIn(folder: string, { agent, program }: Patient): Promise<readonly DoctorFinding[]> {
  const directory = journalDirectory(folder);
  try {
    const view = await inspectJournal(directory);
    if (view === undefined) return [fine('Journal: none yet')];
    const damaged = view.cursors.filter(({ progress }) => progress === undefined);
    const other = view.otherVersions.map((path) => `Journal: ${path} was written by another version of healthd`);
    const findings = [
      ...damaged.map(({ name }) =>
        problem(
          `Journal: the cursor of ${name} is damaged, so all its lines will be sent again`,
          `${program} journal forget ${name}`,
        ),
      ),
      ...other.map((text) => problem(text, `send it with that version, or remove it: ls -l ${directory}`)),
    ];
    const holder = holderFinding(view.holder, agent?.pid);
    const all = [...findings, ...(holder === undefined ? [] : [holder])];
    return all.length > 0 ? all : [fine(`Journal: ${humanBytes(view.bytes)}`)];
  } catch (error) {
    const remedy =
      errorCode(error) === 'EACCES' ? `sudo ${program} doctor` : `sudo mv ${directory} ${directory}.damaged`;
    return [problem(`Journal: ${directory} cannot be read: ${describeError(error)}`, remedy)];
  }
}

/** Somebody has the lock but does not answer on the socket. */
function holderFinding(holder: string | undefined, answering: number | undefined): DoctorFinding | undefined {
  if (holder === undefined || answering !== undefined) return undefined;
  return problem(
    `Another agent: process ${holder} holds the state directory and does not answer`,
    `ps -p ${holder} -o user,lstart,args; kill ${holder}`,
  );
}
