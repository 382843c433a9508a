/** Keys of the view: from alert to alert, and what is done about one. */
import { useEffect, useMemo, useRef } from 'preact/hooks';

import type { AlertsAnswer } from '../../api/answers.ts';
import { useKeys, type KeyBinding } from '../../shell/keys.ts';
import { goTo } from '../../url/location.ts';

import { alertPath, groupOf } from './model.ts';
import type { ShownAlert } from './shown.ts';

interface Now {
  readonly answer: AlertsAnswer | undefined;
  readonly shown: ShownAlert | undefined;
}

const ORDER = ['firing', 'pending', 'handled'] as const;

export function useAlertKeys(answer: AlertsAnswer | undefined, shown: ShownAlert | undefined): void {
  const now = useRef<Now>({ answer, shown });
  useEffect(() => {
    now.current = { answer, shown };
  });
  useKeys(useMemo(() => bindings(now), []));
}

function bindings(now: { readonly current: Now }): readonly KeyBinding[] {
  const move = (by: number) => {
    const { answer, shown } = now.current;
    const all = ORDER.flatMap((group) => (answer?.alerts ?? []).filter((listed) => groupOf(listed) === group));
    const at = all.findIndex(({ alert }) => alert.fingerprint === shown?.fingerprint);
    const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
    if (next !== undefined) goTo({ do: undefined, for: undefined }, alertPath(next.alert.fingerprint));
  };
  const open = (form: 'ack' | 'silence') => {
    const { shown } = now.current;
    if (shown?.listed === undefined) return;
    goTo({ do: form, for: form === 'silence' ? '1h' : undefined }, alertPath(shown.fingerprint));
  };
  return [
    {
      keys: 'j',
      does: 'next alert',
      run: () => {
        move(1);
      },
    },
    {
      keys: 'k',
      does: 'alert before',
      run: () => {
        move(-1);
      },
    },
    {
      keys: 'a',
      does: 'acknowledge the alert',
      run: () => {
        open('ack');
      },
    },
    {
      keys: 's',
      does: 'silence the alert',
      run: () => {
        open('silence');
      },
    },
  ];
}
