/** Whom the hub notifies of a host, by its routes. */
import type { JSX } from 'preact';

import type { AudienceAnswer } from '../../api/answers.ts';
import { roughDuration } from '../../format/value.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';

import type { HostRow } from './trouble.ts';

/** What the stock rules of a hub notify about a host. */
const RULES = [
  { rule: 'host_down', level: 'critical', title: 'It is down' },
  { rule: 'host_stopped', level: 'warning', title: 'It stays stopped' },
  { rule: 'lines_lost', level: 'warning', title: 'It loses lines' },
  { rule: 'clock_offset', level: 'warning', title: 'Its clock is off' },
] as const;

export function Audience({ row }: { row: HostRow }): JSX.Element {
  return (
    <section>
      <h3>Who is notified by the hub</h3>
      <dl class="facts host-facts">
        {RULES.map(({ rule, level, title }) => (
          <div key={rule}>
            <dt class="mut">{title}</dt>
            <dd class="wrap">
              <Receivers row={row} rule={rule} level={level} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Receivers({ row, rule, level }: { row: HostRow; rule: string; level: string }): JSX.Element {
  const tags = Object.entries(row.tags).map(([key, value]) => `${key}=${value}`);
  const label = [...tags, `host=${row.name}`, `host_id=${row.id}`, `rule=${rule}`, `level=${level}`];
  const asked = useAsked<AudienceAnswer>('audience', { label });
  const { answer } = asked;
  if (answer === undefined) return <NoAnswer of={asked} what="Who is notified" />;
  const texts = answer.routes.map(routeText).filter((text) => text !== '');
  return texts.length === 0 ? <span class="mut">nobody</span> : <>{texts.join('; ')}</>;
}

function routeText({ receivers, isMuted, later }: AudienceAnswer['routes'][number]): string {
  const then = later.map(({ after, receivers: others }) => `after ${roughDuration(after)} ${others.join(', ')}`);
  const text = [receivers.join(', '), ...then].filter((part) => part !== '').join(', ');
  return isMuted && text !== '' ? `${text} (muted now)` : text;
}
