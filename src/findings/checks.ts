/** All checks, with where each gets its facts from. */
import { existsSync } from 'node:fs';

import type { AlertControl } from '../alerts/control.ts';
import type { Finding } from '../api/host.ts';
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { LetterCount } from '../deliver/letter-counts.ts';
import type { OutputStatus } from '../deliver/output-status.ts';
import type { InputStatus } from '../gather/input-status.ts';
import type { HistoryAccess } from '../history/access.ts';
import type { JournalStatus } from '../journal/journal.ts';
import type { Host } from '../plugin/index.ts';
import type { RunProgram } from '../plugin/program.ts';

import type { Check } from './check.ts';
import { firingAlerts } from './checks/alerts.ts';
import { clockTrouble } from './checks/clock.ts';
import { troubledContainers } from './checks/containers.ts';
import { diskFullCheck } from './checks/disk-full.ts';
import { oomCheck } from './checks/oom.ts';
import { deadLetters, failingInputs, missingHistory, troubledJournal, troubledOutputs } from './checks/own.ts';
import { pendingReboot } from './checks/reboot.ts';
import { failedUnits } from './checks/units.ts';
import { inodesNearlyFull, swapNearlyFull, turnedReadOnly } from './checks/usage.ts';
import type { Newest } from './newest.ts';

export interface FindingsSources {
  /** Undefined without alerts. */
  readonly alerts: () => AlertControl | undefined;
  readonly inputs: () => readonly InputStatus[];
  readonly outputs: () => readonly OutputStatus[];
  readonly journal: () => JournalStatus;
  /** Bound on disk; undefined for a journal in memory. */
  readonly journalBytes: () => number | undefined;
  readonly letterCounts: () => Promise<readonly LetterCount[]>;
  /** Undefined: it is off. */
  readonly history: () => HistoryAccess | undefined;
  /** ms since the Unix epoch. */
  readonly bootedAt: () => number | undefined;
  readonly newest: Newest;
  readonly host: Host;
  readonly run: RunProgram;
  readonly clock: Clock;
}

/** What starts a program. */
const PROGRAM = { keepMs: 60_000, deadlineMs: 2000 };

export function createChecks(sources: FindingsSources): readonly Check[] {
  return [...alertChecks(sources), ...hostChecks(sources), ...ownChecks(sources)];
}

function alertChecks({ alerts }: FindingsSources): readonly Check[] {
  const run: Check['run'] = () => {
    const control = alerts();
    return control && firingAlerts(control.alerts(), control.silences());
  };
  return [{ name: 'alerts', run }];
}

function hostChecks({ history, newest, host, run, clock, bootedAt }: FindingsSources): readonly Check[] {
  const judge = (
    name: string,
    measurement: string,
    find: (metrics: ReturnType<Newest['of']>) => readonly Finding[],
  ) => ({
    name,
    run: (now: number) => {
      const metrics = newest.of(measurement, now);
      return metrics.length === 0 ? undefined : find(metrics);
    },
  });
  return [
    diskFullCheck(history),
    judge('inodes', 'disk', inodesNearlyFull),
    judge('read-only file systems', 'disk', turnedReadOnly),
    judge('swap', 'swap', swapNearlyFull),
    {
      name: 'containers',
      run: (now) => {
        const statuses = newest.of('docker_container_status', now);
        return statuses.length === 0
          ? undefined
          : troubledContainers(statuses, newest.of('docker_container_health', now));
      },
    },
    oomCheck(history),
    { name: 'pending reboot', run: () => pendingReboot(host) },
    kept('units', clock, (signal) =>
      isOwn(host) && hasSystemd(host) ? failedUnits(run, bootedAt() ?? 0, signal) : undefined,
    ),
    kept('clock', clock, (signal) => (isOwn(host) ? clockTrouble(run, signal) : undefined)),
  ];
}

function ownChecks(sources: FindingsSources): readonly Check[] {
  const { inputs, outputs, journal, journalBytes, letterCounts, history } = sources;
  return [
    { name: 'inputs', run: () => failingInputs(inputs()) },
    { name: 'outputs', run: (now) => troubledOutputs(outputs(), now) },
    { name: 'journal', run: () => troubledJournal(journal(), journalBytes()) },
    { name: 'dead letters', run: async () => deadLetters(await letterCounts()) },
    { name: 'history', run: () => historyTrouble(history()) },
  ];
}

async function historyTrouble(history: HistoryAccess | undefined): Promise<readonly Finding[]> {
  if (history === undefined) return [missingHistory(undefined)];
  try {
    await history.status();
    return [];
  } catch (error) {
    return [missingHistory(describeError(error))];
  }
}

/** A check that starts programs: with a deadline, and not each time that somebody asks. */
function kept(
  name: string,
  clock: Clock,
  find: (signal: AbortSignal) => Promise<readonly Finding[] | undefined> | undefined,
): Check {
  let known: { readonly at: number; readonly found: Promise<readonly Finding[] | undefined> } | undefined;
  return {
    name,
    run: async () => {
      const now = clock.elapsed();
      if (known === undefined || now - known.at >= PROGRAM.keepMs) {
        known = { at: now, found: Promise.resolve(find(clock.signal(PROGRAM.deadlineMs))) };
      }
      return known.found;
    },
  };
}

/** Programs ask the system that they run on, which is not the watched one if its files are mounted elsewhere. */
function isOwn({ platform, proc, run }: Host): boolean {
  return platform === 'linux' && proc === '/proc' && run === '/run';
}

/** As sd_booted(3). */
function hasSystemd({ run }: Host): boolean {
  return existsSync(`${run}/systemd/system`);
}
