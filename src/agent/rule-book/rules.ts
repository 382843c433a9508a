/** Rules as the page sees them: in force, tried over the history, written into the configuration. */
import type { AlertControl } from '../../alerts/control.ts';
import { RefusedRequest } from '../../alerts/control.ts';
import type { RuleDraft, RulePreviewAnswer, RulesAnswer, RuleWritten } from '../../api/rules.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { HistoryAccess } from '../../history/access.ts';
import type { RuleBook } from '../../server/rule-book.ts';

import { ruleInfos } from './in-force.ts';
import { pastOf } from './past.ts';
import type { RuleFile } from './rule-file.ts';

export interface RulesOptions {
  /** Undefined for an embedded agent. */
  readonly file: RuleFile | undefined;
  readonly config: () => Config;
  readonly alerts: () => AlertControl | undefined;
  readonly history: () => HistoryAccess | undefined;
  /** The tag `host` of the agent's own series. */
  readonly host: () => string | undefined;
  readonly clock: Clock;
}

export class Rules implements RuleBook {
  readonly #options: RulesOptions;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  async inForce(): Promise<RulesAnswer> {
    const sets = (await this.#options.history()?.sets()) ?? [];
    return { rules: ruleInfos(this.#options.config().alerts.rules, sets) };
  }

  async preview(draft: RuleDraft, signal: AbortSignal): Promise<RulePreviewAnswer> {
    const { history, config, host, clock } = this.#options;
    const { problems, rule, place } = await this.#file().check(draft);
    const answer = { problems: [...problems], ...place };
    const access = history();
    if (rule === undefined) return answer;
    if (access === undefined) return { ...answer, noPast: 'The history is off' };
    const span = { now: clock.now(), interval: config().agent.interval };
    return { ...answer, ...(await pastOf({ rule, history: access, host: host(), ...span }, signal)) };
  }

  async write(draft: RuleDraft, by: string): Promise<RuleWritten> {
    const file = await this.#file().write(draft);
    this.#options.alerts()?.ruleWritten(draft.id, by, file);
    return { file };
  }

  #file(): RuleFile {
    const { file } = this.#options;
    if (file === undefined) throw new RefusedRequest('This agent was not started from a configuration file');
    return file;
  }
}
