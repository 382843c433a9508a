/** Approve, revoke, forget. What cannot be taken back is asked twice. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import type { FleetHost } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { say } from '../../parts/say.ts';
import { session } from '../../store/live.ts';
import { FormProblem } from '../alerts/form-parts.tsx';

type Act = 'approve' | 'revoke' | 'forget';

const ACTS: Readonly<Record<Act, { readonly title: string; readonly done: string; readonly warning?: string }>> = {
  approve: { title: 'Approve', done: 'was approved' },
  revoke: {
    title: 'Revoke',
    done: 'was revoked',
    warning:
      'The hub refuses this host from now on, and forgets nothing of it. It can come back only with a new join token.',
  },
  forget: {
    title: 'Forget',
    done: 'was forgotten',
    warning:
      'The host and the account of its lines are removed; its history stays. It can join again with a new token.',
  },
};

export interface HostActsProps {
  readonly host: FleetHost;
  readonly onActed: (what: Act) => void;
}

export function HostActs({ host, onActed }: HostActsProps): JSX.Element {
  const asked = useSignal<Act | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  if (session.value?.role !== 'admin') return <NeedsSession what="To approve, revoke or forget a host" />;
  const act = async (what: Act) => {
    try {
      await post(`fleet/hosts/${encodeURIComponent(host.id)}/${what}`, {});
      say(`${host.name} ${ACTS[what].done}.`);
      asked.value = undefined;
      error.value = undefined;
      onActed(what);
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
    }
  };
  const press = (what: Act) => {
    if (ACTS[what].warning === undefined) void act(what);
    else asked.value = what;
  };
  return (
    <section class="host-acts">
      {asked.value === undefined ? (
        <Buttons host={host} onPress={press} />
      ) : (
        <Confirm
          what={asked.value}
          name={host.name}
          onYes={act}
          onNo={() => {
            asked.value = undefined;
          }}
        />
      )}
      <FormProblem text={error.value} />
    </section>
  );
}

function Buttons({ host, onPress }: { host: FleetHost; onPress: (what: Act) => void }): JSX.Element {
  const possible: readonly Act[] = [
    ...(host.presence === 'pending' && !host.isRevoked ? (['approve'] as const) : []),
    ...(host.isRevoked ? [] : (['revoke'] as const)),
    'forget',
  ];
  return (
    <p class="row">
      {possible.map((what) => (
        <button
          key={what}
          type="button"
          class={what === 'approve' ? 'btn p' : 'btn'}
          onClick={() => {
            onPress(what);
          }}
        >
          {ACTS[what].title}
        </button>
      ))}
    </p>
  );
}

function Confirm({
  what,
  name,
  onYes,
  onNo,
}: {
  what: Act;
  name: string;
  onYes: (what: Act) => Promise<void>;
  onNo: () => void;
}): JSX.Element {
  const { title, warning } = ACTS[what];
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed is gone.
    no.current?.focus();
  }, []);
  return (
    <div role="group" aria-label={`${title} ${name}?`}>
      <p class="two">{warning}</p>
      <p class="row">
        <button type="button" class="btn p" onClick={() => void onYes(what)}>
          {title} {name}
        </button>
        <button type="button" class="btn" ref={no} onClick={onNo}>
          Keep it
        </button>
      </p>
    </div>
  );
}
