/** A new threshold, or other limits of a rule: tried over the last week, then written by the agent, or shown as YAML. */
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { DraftField, ListedAlertInfo, RuleBody, RuleDraft, RuleInfo, RuleWritten } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { say } from '../../parts/say.ts';
import { Segments } from '../../parts/segments.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { sets } from '../../store/catalog.ts';
import { session } from '../../store/live.ts';
import { loadRules } from '../../store/rules.ts';

import { ruleOf } from './alert-series.ts';
import { useDraftPreview, type DraftPreview } from './draft-preview.ts';
import { ActForm, closeForm, FormProblem, TextField } from './form-parts.tsx';
import { PastFirings } from './past-firings.tsx';
import { ruleYaml } from './rule-yaml.ts';

type Direction = RuleDraft['direction'];

const DIRECTIONS = [
  { value: 'above', text: 'Above is bad' },
  { value: 'below', text: 'Below is bad' },
] as const;

/** As typed. */
interface Fields {
  readonly direction: Signal<Direction>;
  readonly warning: Signal<string>;
  readonly critical: Signal<string>;
  readonly lasting: Signal<string>;
}

/** @param props.alert undefined if it is over */
export function LimitSheet({
  rule,
  alert,
}: {
  rule: string;
  alert: ListedAlertInfo['alert'] | undefined;
}): JSX.Element {
  const known = ruleOf(rule);
  const typed = (level: 'warning' | 'critical') => {
    const at = known?.limits[level]?.at ?? (alert?.level === level ? alert.threshold : undefined);
    return at === undefined ? '' : `${at}${(known ?? alert)?.unit === 'percent' ? '%' : ''}`;
  };
  // As it was opened: a change of the rule elsewhere must not change what is typed.
  const before = useMemo(() => ({ warning: typed('warning'), critical: typed('critical'), for: waitOf(known) }), []);
  const fields: Fields = {
    direction: useSignal<Direction>(known?.direction ?? alert?.direction ?? 'above'),
    warning: useSignal(before.warning),
    critical: useSignal(before.critical),
    lasting: useSignal(before.for),
  };
  return (
    <Sheet title={`Limits of ${rule}`} class="form rule-form" onClose={closeForm}>
      <Draft draft={draftOf({ id: rule }, fields, before)} fields={fields} />
    </Sheet>
  );
}

export function NewRuleSheet(): JSX.Element {
  const [id, metric] = [useSignal(''), useSignal('')];
  const fields: Fields = {
    direction: useSignal<Direction>('above'),
    warning: useSignal(''),
    critical: useSignal(''),
    lasting: useSignal('5m'),
  };
  const name = { id: id.value.trim() || suggestedId(metric.value), metric: metric.value.trim() };
  return (
    <Sheet title="New threshold" class="form rule-form" onClose={closeForm}>
      <Draft draft={draftOf(name, fields)} fields={fields}>
        {(problemOf) => (
          <>
            <TextField
              label="Metric"
              value={metric}
              hint="disk.used_percent"
              list="metrics"
              problem={problemOf('metric')}
            />
            <datalist id="metrics">
              {metricNames().map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
            <TextField label="Name" value={id} hint={suggestedId(metric.value)} problem={problemOf('id')} />
          </>
        )}
      </Draft>
    </Sheet>
  );
}

type ProblemOf = (field: DraftField) => string | undefined;

interface DraftProps {
  readonly draft: RuleDraft;
  readonly fields: Fields;
  /** What a new rule asks for before its limits. */
  readonly children?: (problemOf: ProblemOf) => JSX.Element;
}

function Draft({ draft, fields, children }: DraftProps): JSX.Element {
  const mayAct = session.value?.role === 'admin';
  const isReady = isTryable(draft);
  const preview = useDraftPreview(mayAct && isReady ? draft : undefined).value;
  const problems = preview.answer?.problems ?? [];
  const problemOf: ProblemOf = (field) => problems.find((problem) => problem.field === field)?.message;
  return (
    <>
      {children?.(problemOf)}
      <LimitFields {...fields} problemOf={problemOf} />
      {!isReady && <Invitation isNew={draft.metric !== undefined} />}
      {isReady && !mayAct && <NeedsSession what="To try and write a threshold" />}
      {isReady && mayAct && <Tried draft={draft} preview={preview} />}
    </>
  );
}

function Invitation({ isNew }: { isNew: boolean }): JSX.Element {
  const what = isNew ? 'Choose a metric and type a limit' : 'Change a limit';
  return <p class="mut">{what}, such as 85%, 20GiB or 50ms, to see when it would have fired.</p>;
}

function Tried({ draft, preview }: { draft: RuleDraft; preview: DraftPreview }): JSX.Element {
  const others = (preview.answer?.problems ?? []).filter(({ field }) => field === undefined);
  const text = preview.error ?? others.map(({ message }) => message).join('; ');
  return (
    <>
      <Outcome preview={preview} />
      <FormProblem text={text === '' ? undefined : text} />
      <Write draft={draft} preview={preview} />
    </>
  );
}

/** Waits can be changed alone; a new rule needs what it watches, and a limit. */
function isTryable({ metric, warning, critical, for: wait }: RuleDraft): boolean {
  const hasLimit = warning !== undefined || critical !== undefined;
  return metric === undefined ? hasLimit || wait !== undefined : metric !== '' && hasLimit;
}

function LimitFields({
  direction,
  warning,
  critical,
  lasting,
  problemOf,
}: Fields & { problemOf: ProblemOf }): JSX.Element {
  return (
    <>
      <Segments
        label="Direction"
        items={DIRECTIONS}
        chosen={direction.value}
        onChoose={(value) => {
          direction.value = value === 'below' ? 'below' : 'above';
        }}
      />
      <div class="three-fields">
        <TextField label="Warning" value={warning} hint="85%" problem={problemOf('warning')} />
        <TextField label="Critical" value={critical} hint="95%" problem={problemOf('critical')} />
        <TextField label="Passed for" value={lasting} hint="5m" problem={problemOf('for')} />
      </div>
    </>
  );
}

function Outcome({ preview: { answer, isCurrent } }: { preview: DraftPreview }): JSX.Element {
  const { past, noPast } = answer ?? {};
  return (
    <div class={isCurrent ? 'outcome' : 'outcome stale'} aria-live="polite" aria-busy={!isCurrent}>
      {answer === undefined && !isCurrent && <p class="mut">Trying it on the last 7 days.</p>}
      {past !== undefined && <PastFirings past={past} />}
      {noPast !== undefined && <p class="mut">{noPast}, so it cannot be tried.</p>}
    </div>
  );
}

function Write({ draft, preview }: { draft: RuleDraft; preview: DraftPreview }): JSX.Element | null {
  const { answer, isCurrent } = preview;
  if (answer === undefined) return null;
  if (answer.file === undefined) return <Yaml draft={draft} why={answer.readOnly} />;
  return (
    <ActForm
      act={draft.metric === undefined ? 'Change the limits' : 'Add the threshold'}
      isDisabled={!isCurrent || answer.problems.length > 0}
      note={`Writes ${answer.file} and reloads.`}
      send={async (by) => {
        const { file } = await post<RuleWritten>('rules', { draft, by } satisfies RuleBody);
        say(`${draft.id} is in force, written to ${file}.`);
        await loadRules();
      }}
    />
  );
}

function Yaml({ draft, why }: { draft: RuleDraft; why: string | undefined }): JSX.Element {
  const yaml = ruleYaml(draft);
  return (
    <>
      <p class="two s wrap">
        {why === undefined ? '' : `${why}. `}Add this to the configuration and run <code>healthd reload</code>.
      </p>
      <pre class="yaml small-yaml" tabIndex={0}>
        {yaml}
      </pre>
      <p>
        <CopyButton text={yaml} what="The YAML" />
      </p>
    </>
  );
}

/** @param before what need not be written, since the rule has it */
function draftOf(
  name: Pick<RuleDraft, 'id' | 'metric'>,
  { direction, warning, critical, lasting }: Fields,
  before: Partial<Pick<RuleDraft, 'warning' | 'critical' | 'for'>> = {},
): RuleDraft {
  const given = (key: 'warning' | 'critical' | 'for', { value }: Signal<string>) =>
    value.trim() === '' || value.trim() === before[key] ? {} : { [key]: value.trim() };
  return {
    ...name,
    direction: direction.value,
    ...given('warning', warning),
    ...given('critical', critical),
    ...given('for', lasting),
  };
}

/** As durations are written in the configuration. */
function waitOf(rule: RuleInfo | undefined): string {
  const seconds = (rule?.for ?? 0) / 1000;
  if (seconds === 0) return '';
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function suggestedId(metric: string): string {
  return `my_${(metric.trim() === '' ? 'rule' : metric.trim()).replace(/[^A-Za-z0-9]+/g, '_')}`.slice(0, 64);
}

function metricNames(): readonly string[] {
  return [
    ...new Set(
      (sets.value ?? []).flatMap(({ measurement, fields }) => fields.map(({ name }) => `${measurement}.${name}`)),
    ),
  ];
}
