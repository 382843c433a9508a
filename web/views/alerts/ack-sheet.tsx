/** Acknowledges an alert: somebody takes care of it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { ListedAlertInfo } from '../../api/answers.ts';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { session } from '../../store/live.ts';

import { acknowledge } from './acts.ts';
import { ActForm, closeForm, TextField } from './form-parts.tsx';

export function AckSheet({ alert }: { alert: ListedAlertInfo['alert'] }): JSX.Element {
  return (
    <Sheet title="Acknowledge" class="form" onClose={closeForm}>
      <p class="wrap">{alert.summary}</p>
      {session.value?.mayAct === true ? <Form alert={alert} /> : <NeedsSession what="To acknowledge" />}
    </Sheet>
  );
}

function Form({ alert }: { alert: ListedAlertInfo['alert'] }): JSX.Element {
  const comment = useSignal('');
  return (
    <ActForm
      act="Acknowledge"
      note="No repeats and no escalation until it ends or becomes worse."
      send={(by) => acknowledge(alert, by, comment.value)}
    >
      {alert.ack !== undefined && <p class="two">{alert.ack.by} has acknowledged it already.</p>}
      <TextField label="Why (others see it)" value={comment} />
    </ActForm>
  );
}
