/** A new rule, or other limits of one: as YAML to add. The page writes no configuration. */
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';

import type { ListedAlertInfo } from '../../api/answers.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Segments } from '../../parts/segments.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { sets } from '../../store/catalog.ts';

import { closeForm, TextField } from './form-parts.tsx';
import { newRuleYaml, overrideYaml, type Limits } from './rule-yaml.ts';

type Direction = Limits['direction'];

const DIRECTIONS = [
  { value: 'above', text: 'Above is bad' },
  { value: 'below', text: 'Below is bad' },
] as const;

/** @param props.alert undefined if it is over */
export function LimitSheet({
  rule,
  alert,
}: {
  rule: string;
  alert: ListedAlertInfo['alert'] | undefined;
}): JSX.Element {
  const direction = useSignal<Direction>(alert?.direction ?? 'above');
  const limit = alert?.threshold === undefined ? '' : `${alert.threshold}${alert.unit === 'percent' ? '%' : ''}`;
  const warning = useSignal(alert?.level === 'warning' ? limit : '');
  const critical = useSignal(alert?.level === 'critical' ? limit : '');
  const yaml = overrideYaml(rule, {
    direction: direction.value,
    warning: warning.value,
    critical: critical.value,
  });
  return (
    <Sheet title={`Limits of ${rule}`} class="form" onClose={closeForm}>
      <LimitFields direction={direction} warning={warning} critical={critical} />
      <Yaml yaml={yaml} hasLimit={warning.value.trim() !== '' || critical.value.trim() !== ''} />
    </Sheet>
  );
}

export function NewRuleSheet(): JSX.Element {
  const [id, metric, lasting] = [useSignal(''), useSignal(''), useSignal('5m')];
  const direction = useSignal<Direction>('above');
  const [warning, critical] = [useSignal(''), useSignal('')];
  const yaml = newRuleYaml({
    id: id.value === '' ? suggestedId(metric.value) : id.value,
    metric: metric.value === '' ? 'disk.used_percent' : metric.value,
    direction: direction.value,
    warning: warning.value,
    critical: critical.value,
    lasting: lasting.value,
  });
  return (
    <Sheet title="New rule" class="form" onClose={closeForm}>
      <TextField label="Metric" value={metric} hint="disk.used_percent" list="metrics" />
      <datalist id="metrics">
        {metricNames().map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField label="Name of the rule" value={id} hint={suggestedId(metric.value)} />
      <LimitFields direction={direction} warning={warning} critical={critical} />
      <TextField label="Passed for" value={lasting} hint="5m" />
      <Yaml yaml={yaml} hasLimit={warning.value.trim() !== '' || critical.value.trim() !== ''} />
    </Sheet>
  );
}

function LimitFields({
  direction,
  warning,
  critical,
}: {
  direction: Signal<Direction>;
  warning: Signal<string>;
  critical: Signal<string>;
}): JSX.Element {
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
      <div class="two-fields">
        <TextField label="Warning" value={warning} hint="85%" />
        <TextField label="Critical" value={critical} hint="95%" />
      </div>
    </>
  );
}

function Yaml({ yaml, hasLimit }: { yaml: string; hasLimit: boolean }): JSX.Element {
  if (!hasLimit) return <p class="mut">Type a limit, such as 85%, 20GiB or 50ms; the YAML to add appears here.</p>;
  return (
    <>
      <p class="mut s">Add this to the configuration and reload healthd. The page changes no files.</p>
      <pre class="yaml small-yaml" tabIndex={0}>
        {yaml}
      </pre>
      <p>
        <CopyButton text={yaml} what="The YAML" />
      </p>
    </>
  );
}

function suggestedId(metric: string): string {
  return `my_${(metric === '' ? 'rule' : metric).replace(/[^A-Za-z0-9]+/g, '_')}`;
}

function metricNames(): readonly string[] {
  return [
    ...new Set(
      (sets.value ?? []).flatMap(({ measurement, fields }) => fields.map(({ name }) => `${measurement}.${name}`)),
    ),
  ];
}
