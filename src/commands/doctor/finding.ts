/** What `healthd doctor` finds. */
import type { LoadedConfig } from '../../config/load.ts';
import type { AgentAnswer } from '../../api/agent.ts';
import type { Discovery } from '../discovery.ts';

export interface DoctorFinding {
  /** A warning is worth knowing, and changes no exit code. */
  readonly level: 'fine' | 'warning' | 'problem';
  /** The subject first, one line. */
  readonly text: string;
  /** Further lines, such as the place in a file. */
  readonly detail?: string;
  /** The command, or the change, that fixes it. */
  readonly remedy?: string;
}

export interface Patient {
  /** Undefined if it is invalid. */
  readonly config: LoadedConfig | undefined;
  readonly stateDirectory: string;
  /** The agent that runs on the state directory. */
  readonly agent: AgentAnswer | undefined;
  readonly discovery: Discovery;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Name of the user that runs this command, and its id. */
  readonly user: { readonly name: string; readonly id: number | undefined };
  /** How to call this program. */
  readonly program: string;
  /** ms since the Unix epoch. */
  readonly now: number;
}

export type Check = (patient: Patient, signal: AbortSignal) => Promise<readonly DoctorFinding[]>;

export function fine(text: string): DoctorFinding {
  return { level: 'fine', text };
}

export function warning(text: string, remedy: string): DoctorFinding {
  return { level: 'warning', text, remedy };
}

export function problem(text: string, remedy: string): DoctorFinding {
  return { level: 'problem', text, remedy };
}
