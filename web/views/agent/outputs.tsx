/** Outputs: what waits, for how long, and why. */
import type { JSX } from 'preact';

import type { AgentAnswer } from '../../api/answers.ts';
import { count, roughDuration, withUnit } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';

type Output = AgentAnswer['outputs'][number];

/** A flush takes a moment; a line that waits longer is late. */
const LATE_MS = 60_000;

export function Outputs({ all }: { all: readonly Output[] }): JSX.Element {
  return (
    <section class="card">
      <div class="ch">
        <h2>Outputs</h2>
      </div>
      {all.length === 0 ? (
        <div class="empty">
          <p>No output is configured.</p>
          <p class="mut">Metrics are kept on this host only.</p>
        </div>
      ) : (
        <ul class="lines">
          {all.map((output) => (
            <Line key={output.alias} output={output} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ output }: { output: Output }): JSX.Element {
  const { alias, plugin, written, dropped, errors, error, lagMs } = output;
  const isLate = lagMs > LATE_MS || error !== undefined;
  return (
    <li>
      <Icon name={isLate ? 'warn' : 'ok'} tone={isLate ? 'warn' : 'ok'} label={isLate ? 'Behind' : 'Fine'} />
      <div class="grow">
        <div class="row">
          <span class="cut grow">
            {alias} {alias !== plugin && <span class="mut s">{plugin}</span>}
          </span>
          <span class="two nowrap">{lagMs === 0 ? 'up to date' : `${roughDuration(lagMs)} behind`}</span>
        </div>
        <div class="ev">
          {[
            waitText(output),
            `${count(written, 'line')} written`,
            dropped > 0 ? `${dropped.toLocaleString('en')} dropped` : '',
            errors > 0 ? count(errors, 'error') : '',
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </div>
        {error !== undefined && <div class="ev wrap">{error}</div>}
      </div>
    </li>
  );
}

function waitText({ waitingLines, waitingBytes }: Output): string {
  return waitingLines === 0 ? '' : `${count(waitingLines, 'line')} wait, ${withUnit(waitingBytes, 'bytes')}`;
}
