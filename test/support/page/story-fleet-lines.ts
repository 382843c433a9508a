/** CPU, memory and load of all hosts of the story: most are alike, two are not, one has a gap. */
import type { FleetLinesAnswer } from '../../../src/api/fleet-lines.ts';

import { storyFleet, type FleetState } from './story-fleet.ts';

export function storyFleetLines(fleet: FleetState, query: URLSearchParams, now: number): FleetLinesAnswer {
  const [from, to, width] = ['from', 'to', 'width'].map((name) => Number(query.get(name))) as [number, number, number];
  const step = Math.max(10_000, Math.ceil((to - from) / width / 10_000) * 10_000);
  const first = Math.floor(from / step) * step;
  const scale = query.get('metric') === 'load' ? 0.1 : 1;
  const lines = storyFleet(fleet, now).hosts.map(({ id, name }, index) => ({
    id,
    name,
    values: Array.from({ length: Math.max(1, Math.floor((to - first) / step)) }, (_, at) => {
      if (index === 9 && at % 60 > 50) return null;
      const usual = 22 + 9 * Math.sin(index + at / 14) + 5 * Math.sin(index * 7 + at / 3);
      const value = index === 11 ? 91 + 4 * Math.sin(at / 5) : index === 30 ? 2 : usual + (index === 40 ? at / 4 : 0);
      return Number((scale * Math.max(0, Math.min(100, value))).toPrecision(4));
    }),
  }));
  return { from: first, step, lines };
}
