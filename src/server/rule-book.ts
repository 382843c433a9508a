/** What the routes ask about rules. */
import type { RuleDraft, RulePreviewAnswer, RulesAnswer, RuleWritten } from '../api/rules.ts';

export interface RuleBook {
  /** Those in force, with the series that they watch. */
  inForce(): Promise<RulesAnswer>;
  /**
   * Checks a draft, and evaluates it over the history of the last week.
   *
   * @throws RefusedRequest where the agent has no configuration to check it in
   */
  preview(draft: RuleDraft, signal: AbortSignal): Promise<RulePreviewAnswer>;
  /** Writes a draft into the configuration and reloads. @throws RefusedRequest; then nothing has changed */
  write(draft: RuleDraft, by: string): Promise<RuleWritten>;
}
