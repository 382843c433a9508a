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
  return [
    ...portProblems(agent),
    ...deliveryProblems(agent),
    ...gatherProblems(agent),
    ...hostProblems(findings, agent),
  ];
}

function portProblems({ portTrouble }: AgentAnswer): readonly StatusProblem[] {
  return portTrouble === undefined
    ? []
    : [{ text: `Nobody reaches the page, the API or the hub here: ${portTrouble}` }];
}

/** Ids of findings about what the agent says itself, with a remedy. */
function saidOf({ outputs, inputs, journal, deadLetters }: AgentAnswer): ReadonlySet<string> {
  return new Set([
    ...outputs.filter(({ error }) => error !== undefined).map(({ alias }) => `output:${alias}`),
    ...inputs.filter(({ error }) => error !== undefined).map(({ alias }) => `input:${alias}`),
    ...deadLetters.map(({ output }) => `dead-letters:${output}`),
    ...(journal.isDegraded ? ['journal'] : []),
  ]);
}

function deliveryProblems({ outputs, journal, receivers, deadLetters }: AgentAnswer): readonly StatusProblem[] {
  return [
    ...outputs.flatMap(({ alias, plugin, error, waitingLines, lagMs }) =>
      error === undefined
        ? []
        : [
            {
              text: `Output ${alias}: ${error}; ${counted(waitingLines, 'line')} wait, the oldest for ${humanAge(lagMs)}`,
              // What a hub says names the remedy.
              ...(plugin !== 'hub' && { remedy: 'healthd check --connect' }),
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

function hostProblems(answer: FindingsAnswer | undefined, agent: AgentAnswer): readonly StatusProblem[] {
  const said = saidOf(agent);
  const outputs = agent.outputs.map(({ alias }) => `output:${alias}`);
  // Findings are some seconds old.
  const isGone = (id: string) => id.startsWith('output:') && !outputs.includes(id);
  const open = (answer?.findings ?? []).filter(
    ({ id, level, alert }) =>
      !said.has(id) &&
      !isGone(id) &&
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
