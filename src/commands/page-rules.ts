/** Checks and writes rules of the page: `alerts.d/page.yaml` beside the configuration. */
import { access, constants, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { retryRename } from '../core/retry-rename.ts';
import type { CheckedDraft, Place, RuleFile } from '../agent/rule-book/rule-file.ts';
import { RefusedRequest } from '../alerts/control.ts';
import type { DraftField, DraftProblem, RuleDraft } from '../api/rules.ts';
import type { DraftFile, LoadedConfig } from '../config/load.ts';
import { ownIds, withRule, type RulesText } from '../config/page-rules.ts';
import { InvalidConfig, type Problem } from '../config/problem.ts';
import { ConfigError, describeError, errorCode } from '../core/errors.ts';

export interface PageRulesOptions {
  /** Reads the configuration as a reload would, with a file that is not written yet. */
  readonly read: (draft?: DraftFile) => Promise<LoadedConfig>;
  /** In use. */
  readonly config: () => Pick<LoadedConfig, 'files' | 'alerts' | 'secrets'>;
  /** @throws RefusedRequest */
  readonly reload: () => Promise<unknown>;
}

interface Draft {
  readonly file: string;
  readonly before: string | undefined;
  readonly next: RulesText;
}

export class PageRules implements RuleFile {
  readonly #options: PageRulesOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PageRulesOptions) {
    this.#options = options;
  }

  check(draft: RuleDraft): Promise<CheckedDraft> {
    return this.#inTurn(() => this.#check(draft));
  }

  write(draft: RuleDraft): Promise<string> {
    return this.#inTurn(async () => {
      const { problems, place } = await this.#check(draft);
      if ('readOnly' in place) throw new RefusedRequest(place.readOnly);
      if (problems.length > 0) throw new RefusedRequest(problems.map(({ message }) => message).join('; '));
      const { before, next } = await this.#draftOf(draft, place.file);
      await this.#put(place.file, next.text);
      try {
        await this.#options.reload();
      } catch (error) {
        await (before === undefined ? rm(place.file, { force: true }) : this.#put(place.file, before));
        throw error;
      }
      return place.file;
    });
  }

  /** One after the other, so that no rule is lost and no check sees half of a change. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #check(draft: RuleDraft): Promise<CheckedDraft> {
    const { config, read } = this.#options;
    const place = await placeOf(config().files[0]);
    // Without a file to write, a rule can still be tried beside the configuration in use.
    const file = 'file' in place ? place.file : join(dirname(config().files[0] ?? ''), 'alerts.d', 'page.yaml');
    try {
      const { before, next } = await this.#draftOf(draft, file);
      const taken = draft.metric !== undefined && !ownIds(before).includes(draft.id) && this.#isInForce(draft.id);
      if (taken) return { problems: [{ field: 'id', message: TAKEN }], rule: undefined, place };
      const { alerts } = await read({ file, text: next.text });
      return { problems: [], rule: alerts.rules.find(({ id }) => id === draft.id), place };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const lines = error instanceof InvalidConfig ? (await this.#draftOf(draft, file)).next.lines : undefined;
      return { problems: this.#problemsOf(error, file, lines), rule: undefined, place };
    }
  }

  #isInForce(id: string): boolean {
    return this.#options.config().alerts.rules.some((rule) => rule.id === id);
  }

  async #draftOf(draft: RuleDraft, file: string): Promise<Draft> {
    const before = await readIfThere(file);
    return { file, before, next: withRule(before, draft) };
  }

  #problemsOf(error: ConfigError, file: string, lines: RulesText['lines'] | undefined): readonly DraftProblem[] {
    const redact = (text: string) => this.#options.config().secrets.redact(text);
    if (!(error instanceof InvalidConfig)) return [{ message: redact(describeError(error)) }];
    return error.problems.map((problem) => {
      const isOurs =
        lines !== undefined &&
        problem.file === file &&
        problem.line !== undefined &&
        problem.line >= lines[0] &&
        problem.line <= lines[1];
      const field = isOurs ? fieldOf(problem.path) : undefined;
      return { ...(field === undefined ? {} : { field }), message: redact(isOurs ? textOf(problem) : placed(problem)) };
    });
  }

  /** Complete or not at all: a crash leaves the file of before. Files whose name begins with a dot are not read. */
  async #put(file: string, text: string): Promise<void> {
    const partial = join(dirname(file), '.page.yaml.new');
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o750 });
      await rm(partial, { force: true });
      const handle = await open(partial, 'wx', 0o640);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await retryRename(() => rename(partial, file));
    } catch (error) {
      throw new RefusedRequest(`${file} cannot be written: ${describeError(error)}`);
    }
  }
}

const TAKEN = 'A rule of this name exists. Choose another name, or change the limits of that rule on its alert';

const FIELDS: readonly DraftField[] = ['id', 'metric', 'warning', 'critical', 'for'];

/** `alerts.rules.3.above.warning` → `warning`. */
function fieldOf(path: string): DraftField | undefined {
  const keys = path.split('.').slice(3);
  if (keys[0] === 'override') return 'id';
  return FIELDS.find((field) => keys.includes(field));
}

function textOf({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message}: ${hint}`;
}

function placed(problem: Problem): string {
  const { file, line, path } = problem;
  return [line === undefined ? file : `${file}:${line}`, path, textOf(problem)].filter(Boolean).join(': ');
}

async function placeOf(main: string | undefined): Promise<Place> {
  if (main === undefined) return { readOnly: 'healthd runs without a configuration file' };
  const file = join(dirname(main), 'alerts.d', 'page.yaml');
  try {
    const found = await lstat(file).catch(ignoreMissing);
    if (found?.isSymbolicLink() === true) return { readOnly: `${file} is a link, so something else manages it` };
    if (found !== undefined) await access(file, constants.W_OK);
    const folder = await lstat(dirname(file)).catch(ignoreMissing);
    await access(folder === undefined ? dirname(main) : dirname(file), constants.W_OK);
    return { file };
  } catch (error) {
    return { readOnly: `healthd may not write ${file}: ${errorCode(error) ?? describeError(error)}` };
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw new ConfigError(`${file} cannot be read: ${describeError(error)}`, { cause: error });
  }
}

function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}
