/** All keys, and one setting that turns letters off. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import { Sheet } from '../parts/sheet.tsx';

import { isHelping } from './dialogs.ts';
import { allKeys, areKeysOn, turnKeys } from './keys.ts';

const CHARTS = [
  { keys: '← →', does: 'move the line by one sample, with Shift by ten' },
  { keys: 'Enter', does: 'pin the moment' },
] as const;

export function Help(): JSX.Element {
  const isOn = useSignal(areKeysOn());
  return (
    <Sheet title="Keys" onClose={close}>
      <dl class="keys">
        {allKeys().map(({ keys, does }) => (
          <KeyRow key={keys} keys={keys} does={does} />
        ))}
      </dl>
      <h3>On a chart</h3>
      <dl class="keys">
        {CHARTS.map((row) => (
          <KeyRow key={row.keys} {...row} />
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={isOn.value}
          onChange={({ currentTarget }) => {
            isOn.value = currentTarget.checked;
            turnKeys(currentTarget.checked);
          }}
        />
        Single letters are keys
      </label>
    </Sheet>
  );
}

function KeyRow({ keys, does }: { keys: string; does: string }): JSX.Element {
  return (
    <div>
      <dt>
        {keys.split(' ').map((key) => (
          <kbd key={key}>{key === 'Escape' ? 'Esc' : key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}

function close(): void {
  isHelping.value = false;
}
