/** What is wrong with a running agent, as it says itself. */
import type { AgentAnswer } from '../api/agent.ts';
import type { FindingsAnswer, Sentence } from '../api/host.ts';

import { counted, humanAge } from './columns.ts';

export interface StatusProblem {
  /** One line. */
  readonly text: string;
  /** What to do about it; absent where the text says all. */
  readonly remedy?: string;
}

/** Findings that somebody has silenced or acknowledged, and notes, are no problems. */
export function problemsOf(agent: AgentAnswer, findings: FindingsAnswer | undefined): readonly StatusProblem[] {
  return [...deliveryProblems(agent), ...gatherProblems(agent), ...hostProblems(findings)];
}

function deliveryProblems({ outputs, journal, receivers, deadLetters }: AgentAnswer): readonly StatusProblem[] {
  return [
    ...outputs.flatMap(({ alias, error, waitingLines, lagMs }) =>
      error === undefined
        ? []
        : [
            {
              text: `Output ${alias}: ${error}; ${counted(waitingLines, 'line')} wait, the oldest for ${humanAge(lagMs)}`,
              remedy: 'healthd check --connect',
            },
          ],
    ),
    ...(journal.isDegraded
      ? [{ text: 'The journal cannot write to its disk, and keeps lines in memory', remedy: 'healthd doctor' }]
      : []),
    ...receivers.flatMap(({ name, trouble, waiting }) =>
      trouble === undefined
        ? []
        : [
            {
              text: `Notifier ${name}: ${trouble}; ${counted(waiting, 'alert')} wait`,
              remedy: `healthd notify test ${name}`,
            },
          ],
    ),
    ...deadLetters
      .filter(({ lines }) => lines > 0)
      .map(({ output, lines }) => ({
        text: `Output ${output} has refused ${counted(lines, 'line')}`,
        remedy: 'healthd dead-letter list',
      })),
  ];
}

function gatherProblems({ inputs }: AgentAnswer): readonly StatusProblem[] {
  return inputs.flatMap(({ alias, error }) => (error === undefined ? [] : [{ text: `Input ${alias}: ${error}` }]));
}

function hostProblems(answer: FindingsAnswer | undefined): readonly StatusProblem[] {
  const open = (answer?.findings ?? []).filter(
    ({ level, alert }) =>
      (level === 'critical' || level === 'warning') &&
      alert?.acknowledgedBy === undefined &&
      alert?.silencedUntil === undefined,
  );
  return open.map(({ sentence, evidence }) => ({
    text: [textOf(sentence), evidence].filter((part) => part !== '').join(' '),
  }));
}

function textOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.name)).join('');
}
