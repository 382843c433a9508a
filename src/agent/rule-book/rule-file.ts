/** The file of the configuration that holds the rules of the page. */
import type { Rule } from '../../alerts/rules/rule.ts';
import type { DraftProblem, RuleDraft } from '../../api/rules.ts';

export interface CheckedDraft {
  /** As `healthd check` finds them. */
  readonly problems: readonly DraftProblem[];
  /** Undefined if there are problems. */
  readonly rule: Rule | undefined;
  readonly place: Place;
}

export type Place = { readonly file: string } | { readonly readOnly: string };

export interface RuleFile {
  /** Checks the whole configuration with the draft in it; writes nothing. */
  check(draft: RuleDraft): Promise<CheckedDraft>;
  /**
   * Checks, writes, and puts the configuration to use. If that fails, the file is as before.
   *
   * @returns the path of the file
   * @throws RefusedRequest with what is wrong
   */
  write(draft: RuleDraft): Promise<string>;
}
