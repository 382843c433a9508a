/** Acknowledges an alert: somebody takes care of it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { ListedAlertInfo } from '../../api/answers.ts';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { session } from '../../store/live.ts';
import { readerName, rememberReader } from '../../store/reader.ts';

import { acknowledge } from './acts.ts';
import { closeForm, FormProblem, TextField } from './form-parts.tsx';

export function AckSheet({ alert }: { alert: ListedAlertInfo['alert'] }): JSX.Element {
  return (
    <Sheet title="Acknowledge" class="form" onClose={closeForm}>
      <p class="wrap">{alert.summary}</p>
      {session.value?.mayAct === true ? <Form alert={alert} /> : <NeedsSession what="To acknowledge" />}
    </Sheet>
  );
}

function Form({ alert }: { alert: ListedAlertInfo['alert'] }): JSX.Element {
  const [comment, by] = [useSignal(''), useSignal(readerName())];
  const error = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const send = async () => {
    isBusy.value = true;
    try {
      rememberReader(by.value);
      await acknowledge(alert, by.value, comment.value);
      closeForm();
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
    }
    isBusy.value = false;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {alert.ack !== undefined && <p class="two">{alert.ack.by} has acknowledged it already.</p>}
      <TextField label="Why (others see it)" value={comment} />
      <TextField label="Your name" value={by} isRequired />
      <p class="mut s">No repeats and no escalation until it ends or becomes worse.</p>
      <FormProblem text={error.value} />
      <button type="submit" class="btn p big" disabled={isBusy.value}>
        Acknowledge
      </button>
    </form>
  );
}
