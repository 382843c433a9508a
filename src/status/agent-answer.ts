/** How the agent does, put together from its parts. */
import type { ListedReceiver } from '../alerts/control.ts';
import type { AgentAnswer } from '../api/agent.ts';
import type { LetterCount } from '../deliver/letter-counts.ts';
import type { OutputStatus } from '../deliver/output-status.ts';
import type { InputStatus } from '../gather/input-status.ts';
import type { HistoryAccess } from '../history/access.ts';
import type { JournalStatus } from '../journal/journal.ts';

/** What the parts tell about themselves. */
export interface AgentSources {
  readonly configFiles: () => readonly string[];
  readonly inputs: () => readonly InputStatus[];
  readonly outputs: () => readonly OutputStatus[];
  readonly journal: () => JournalStatus;
  readonly letterCounts: () => Promise<readonly LetterCount[]>;
  /** Of notifications. */
  readonly receivers: () => readonly ListedReceiver[];
  /** Undefined: it is off. */
  readonly history: () => HistoryAccess | undefined;
  /** Of the page. */
  readonly portTrouble: () => string | undefined;
}

export interface AgentFacts {
  readonly version: string;
  /** ms since the Unix epoch. */
  readonly startedAt: number;
  readonly stateDirectory: string;
  /** Of this process over the last minute; 100 is one core. */
  readonly cpu: number;
}

export async function agentAnswer(sources: AgentSources, facts: AgentFacts): Promise<AgentAnswer> {
  const { segments, diskBytes, memoryBytes, isDegraded } = sources.journal();
  const [letters, history] = await Promise.all([sources.letterCounts(), historyOf(sources.history())]);
  return {
    ...facts,
    pid: process.pid,
    configFiles: [...sources.configFiles()],
    inputs: sources.inputs().map((input) => ({ ...input })),
    outputs: sources.outputs().map(({ flushIntervalMs: _, ...output }) => output),
    journal: { segments, diskBytes, memoryBytes, isDegraded },
    history,
    deadLetters: letters.map(({ output, lines, bytes }) => ({ output, lines, bytes })),
    receivers: sources
      .receivers()
      .map(({ name, waiting, sent, failed, trouble }) => ({ name, waiting, sent, failed, trouble })),
    portTrouble: sources.portTrouble(),
    memoryBytes: process.memoryUsage.rss(),
  };
}

async function historyOf(history: HistoryAccess | undefined): Promise<AgentAnswer['history']> {
  if (history === undefined) return null;
  const { oldestAt = null, bytes, headBytes, sets, refused } = await history.status();
  return { bytes, headBytes, sets, refused, oldestAt };
}
