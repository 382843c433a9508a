/** The state of the running agent as text. */
import type { AgentAnswer } from '../api/agent.ts';

import { columns, humanAge, humanBytes, humanCount } from './columns.ts';
import { labelled } from './layout.ts';
import type { Line } from './print.ts';
import type { StatusProblem } from './status-problems.ts';

export interface StatusFacts {
  readonly agent: AgentAnswer;
  readonly problems: readonly StatusProblem[];
  /** Of the page, with a one-time token; undefined without one. */
  readonly address: string | undefined;
  /** ms since the Unix epoch. */
  readonly now: number;
}

export function statusLines(facts: StatusFacts): readonly Line[] {
  const { agent, problems, address, now } = facts;
  const { version, pid, startedAt, memoryBytes, cpu } = agent;
  const figures = `process ${pid} for ${humanAge(now - startedAt)}, ${humanBytes(memoryBytes)}, ${cpu.toFixed(1)} % CPU`;
  return [
    [['strong', `healthd ${version}`], ` runs: ${figures}`],
    [],
    ...(problems.length === 0 ? [['  Nothing is wrong'] as const] : problems.flatMap(problemLines)),
    [],
    ...labelled('Page', [[address === undefined ? 'off' : (['link', address] as const)]]),
    ...labelled('Config', [[agent.configFiles.length === 0 ? 'the built-in default' : agent.configFiles.join(', ')]]),
    ...labelled('Data', [[dataText(facts)]]),
    [],
    ...inputTable(facts),
    ...outputTable(agent),
  ];
}

function problemLines({ text, remedy }: StatusProblem): readonly Line[] {
  const advice: readonly Line[] = remedy === undefined ? [] : [['    → ', ['strong', remedy]]];
  return [['  ', ['problem', '✗'], ` ${text}`], ...advice];
}

function dataText({ agent: { stateDirectory, journal, history }, now }: StatusFacts): string {
  const kept =
    history === null
      ? 'history off'
      : `history ${humanBytes(history.bytes)}${history.oldestAt === null ? '' : ` of ${humanAge(now - history.oldestAt)}`}`;
  return `${stateDirectory}: journal ${humanBytes(journal.diskBytes)}, ${kept}`;
}

function inputTable({ agent: { inputs }, now }: StatusFacts): readonly Line[] {
  const rows = inputs.map(({ alias, intervalMs, lastAt, lastMs, metrics, errors }) => [
    alias,
    humanAge(intervalMs),
    lastAt === null ? '–' : `${humanAge(now - lastAt)} ago`,
    lastMs === null ? '–' : `${lastMs.toFixed(lastMs < 10 ? 1 : 0)} ms`,
    humanCount(metrics),
    humanCount(errors),
  ]);
  return table(['Input', 'Every', 'Last', 'Took', 'Metrics', 'Errors'], rows);
}

function outputTable({ outputs }: AgentAnswer): readonly Line[] {
  if (outputs.length === 0) return [];
  const rows = outputs.map(({ alias, waitingLines, lagMs, written, dropped, errors }) => [
    alias,
    humanCount(waitingLines),
    humanAge(lagMs),
    humanCount(written),
    humanCount(dropped),
    humanCount(errors),
  ]);
  return [[], ...table(['Output', 'Waiting', 'Lag', 'Written', 'Dropped', 'Errors'], rows)];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly Line[] {
  const align = heads.map((_, index) => (index === 0 ? 'left' : 'right'));
  const [head = '', ...lines] = columns([heads, ...rows], align);
  return [['  ', ['quiet', head]], ...lines.map((line): Line => [`  ${line}`])];
}
