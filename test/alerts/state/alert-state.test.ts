import { describe, expect, it } from '@jest/globals';

import {
  changeBetween,
  OK,
  onSample,
  onTime,
  type AlertState,
  type Waits,
} from '../../../src/alerts/state/alert-state.ts';
import { afterClockJump, onNoData, onRuleEdited, restored } from '../../../src/alerts/state/lifecycle.ts';
import type { AlertLevel, Level } from '../../../src/plugin/notification.ts';

const MINUTE = 60_000;
const T = 1_700_000_000_000;

type Thresholds = Partial<Record<AlertLevel, readonly [at: number, clear: number]>>;

/** Evaluates a value like a rule with `above` or `below`. */
function judge(thresholds: Thresholds, value: number, direction: 'above' | 'below' = 'above') {
  const isBeyond = (limit: number) => (direction === 'above' ? value > limit : value < limit);
  const highest = (which: 0 | 1): Level => {
    const levels = (['critical', 'warning', 'info'] as const).filter((level) => {
      const threshold = thresholds[level];
      return threshold !== undefined && isBeyond(threshold[which]);
    });
    return levels[0] ?? 'ok';
  };
  const reached = highest(0);
  return { reached, held: highest(1) };
}

class Course {
  state: AlertState = OK;
  readonly changes: string[] = [];
  readonly #thresholds: Thresholds;
  readonly #waits: Waits;
  readonly #direction: 'above' | 'below';

  constructor(thresholds: Thresholds, waits: Waits, direction: 'above' | 'below' = 'above') {
    this.#thresholds = thresholds;
    this.#waits = waits;
    this.#direction = direction;
  }

  sample(minute: number, value: number, isBroken = false): string {
    const time = T + minute * MINUTE;
    const verdict = judge(this.#thresholds, value, this.#direction);
    return this.#to(onSample(this.state, time, verdict, isBroken, this.#waits));
  }

  time(minute: number): string {
    return this.#to(onTime(this.state, T + minute * MINUTE, this.#waits));
  }

  #to(next: AlertState): string {
    const change = changeBetween(this.state, next);
    if (change !== undefined) this.changes.push(`${change.kind} ${change.to}`);
    this.state = next;
    return `${next.status} ${next.level}`;
  }
}

const ONE: Thresholds = { warning: [90, 80] };
const none = { for: { warning: 0 }, keepFiringFor: 0 };
const five = { for: { warning: 5 * MINUTE }, keepFiringFor: 0 };

describe('an alert that begins', () => {
  it('AL-001: fires on the first sample without `for`', () => {
    expect(new Course(ONE, none).sample(0, 95)).toBe('firing warning');
  });

  it('AL-002: is pending until `for` has elapsed, then fires', () => {
    const course = new Course(ONE, five);
    expect(course.sample(0, 95)).toBe('pending warning');
    expect(course.sample(4 + 59 / 60, 95)).toBe('pending warning');
    expect(course.time(5)).toBe('firing warning');
    expect(course.state.startsAt).toBe(T + 5 * MINUTE);
  });

  it('does not fire after a single sample, however much time passes', () => {
    const course = new Course(ONE, five);
    course.sample(0, 95);
    expect(course.time(10)).toBe('pending warning');
    expect(course.sample(11, 95)).toBe('firing warning');
  });

  it('AL-003: starts over after a good sample, without a change', () => {
    const course = new Course(ONE, five);
    course.sample(0, 95);
    course.sample(4, 95);
    expect(course.sample(4.5, 85)).toBe('ok ok');
    course.sample(5, 95);
    expect(course.sample(9, 95)).toBe('pending warning');
    expect(course.sample(10, 95)).toBe('firing warning');
    expect(course.changes).toEqual(['fired warning']);
  });

  it('AL-004: is ok at once if it was only pending, whatever `keepFiringFor`', () => {
    const course = new Course(ONE, { ...five, keepFiringFor: 10 * MINUTE });
    course.sample(0, 95);
    expect(course.sample(1, 50)).toBe('ok ok');
    expect(course.changes).toEqual([]);
  });

  it('starts over after a gap', () => {
    const course = new Course(ONE, five);
    course.sample(0, 95);
    course.sample(1, 95);
    expect(course.sample(30, 95, true)).toBe('pending warning');
    expect(course.sample(34, 95)).toBe('pending warning');
    expect(course.sample(35, 95)).toBe('firing warning');
  });

  it('does not fire at levels that the rule does not have', () => {
    const course = new Course({ critical: [95, 90] }, { for: { critical: 5 * MINUTE }, keepFiringFor: 0 });
    expect(course.sample(0, 99)).toBe('pending critical');
    expect(course.sample(1, 99)).toBe('pending critical');
    expect(course.sample(5, 99)).toBe('firing critical');
    expect(course.changes).toEqual(['fired critical']);
  });

  it('keeps the same state object while nothing changes', () => {
    const course = new Course(ONE, none);
    course.sample(0, 50);
    expect(course.state).toBe(OK);
    course.sample(1, 95);
    course.sample(2, 95);
    const { state } = course;
    course.sample(3, 96);
    course.time(4);
    expect(course.state).toBe(state);
  });
});

describe('an alert that ends', () => {
  const hold = { for: { warning: 0 }, keepFiringFor: 3 * MINUTE };

  it('AL-005: recovers for `keepFiringFor`, fires again if it is held, and is resolved once', () => {
    const course = new Course(ONE, hold);
    course.sample(0, 95);
    expect(course.sample(1, 70)).toBe('recovering warning');
    expect(course.sample(2, 85)).toBe('firing warning');
    expect(course.sample(3, 70)).toBe('recovering warning');
    expect(course.time(5.9)).toBe('recovering warning');
    expect(course.time(6)).toBe('ok ok');
    expect(course.sample(7, 70)).toBe('ok ok');
    expect(course.changes).toEqual(['fired warning', 'resolved ok']);
  });

  it('AL-006: has a new start time when it fires again', () => {
    const course = new Course(ONE, none);
    course.sample(0, 95);
    course.sample(1, 70);
    course.sample(2, 95);
    expect(course.state.startsAt).toBe(T + 2 * MINUTE);
    expect(course.changes).toEqual(['fired warning', 'resolved ok', 'fired warning']);
  });

  it('AL-028: fires once and is not resolved while the value oscillates between its thresholds for an hour', () => {
    const course = new Course(ONE, none);
    course.sample(0, 95);
    for (let minute = 1; minute <= 60; minute += 1) course.sample(minute, minute % 2 === 0 ? 91 : 81);
    expect(course.changes).toEqual(['fired warning']);
  });

  it('AL-027: treats a value equal to a threshold as not beyond it, to fire and to hold', () => {
    const course = new Course(ONE, none);
    expect(course.sample(0, 90)).toBe('ok ok');
    expect(course.sample(1, 90.1)).toBe('firing warning');
    expect(course.sample(2, 80.1)).toBe('firing warning');
    expect(course.sample(3, 80)).toBe('ok ok');
  });

  it('AL-022: does the same with `below`', () => {
    const course = new Course({ warning: [20, 25] }, hold, 'below');
    expect(course.sample(0, 20)).toBe('ok ok');
    expect(course.sample(1, 19)).toBe('firing warning');
    expect(course.sample(2, 24)).toBe('firing warning');
    expect(course.sample(3, 26)).toBe('recovering warning');
    expect(course.sample(4, 24)).toBe('firing warning');
    expect(course.sample(5, 30)).toBe('recovering warning');
    expect(course.sample(8, 30)).toBe('ok ok');
  });
});

describe('levels', () => {
  const three: Thresholds = { info: [60, 50], warning: [70, 60], critical: [80, 70] };
  const atOnce = { for: { info: 0, warning: 0, critical: 0 }, keepFiringFor: 0 };

  it('AL-026: steps down through the levels by their clear thresholds', () => {
    const course = new Course(three, atOnce);
    const levels = [61, 73, 64, 85, 62, 56, 47].map((value, minute) => course.sample(minute, value).split(' ')[1]);
    expect(levels).toEqual(['info', 'warning', 'warning', 'critical', 'warning', 'info', 'ok']);
    expect(course.changes).toEqual([
      'fired info',
      'level_up warning',
      'level_up critical',
      'level_down warning',
      'level_down info',
      'resolved ok',
    ]);
  });

  it('AL-029: goes from ok to critical in one change', () => {
    const course = new Course(three, atOnce);
    course.sample(0, 95);
    expect(course.changes).toEqual(['fired critical']);
  });

  it('AL-030: goes from critical to warning to critical as one episode', () => {
    const course = new Course(three, atOnce);
    [85, 65, 85].forEach((value, minute) => course.sample(minute, value));
    expect(course.changes).toEqual(['fired critical', 'level_down warning', 'level_up critical']);
    expect(course.state).toMatchObject({ startsAt: T, peak: 'critical' });
  });

  it('counts time at a higher level for the lower ones, and has its own `for` per level', () => {
    const thresholds: Thresholds = { warning: [70, 60], critical: [80, 70] };
    const course = new Course(thresholds, { for: { warning: 5 * MINUTE, critical: 15 * MINUTE }, keepFiringFor: 0 });
    expect(course.sample(0, 90)).toBe('pending critical');
    course.sample(4, 75);
    expect(course.sample(5, 90)).toBe('firing warning');
    expect(course.sample(19, 90)).toBe('firing warning');
    expect(course.sample(20, 90)).toBe('firing critical');
  });

  it('recovers from each level separately on the way down', () => {
    const course = new Course(three, { ...atOnce, keepFiringFor: 5 * MINUTE });
    course.sample(0, 85);
    course.sample(1, 65); // critical is cleared
    course.sample(5, 40); // warning and info as well
    expect(course.sample(6, 40)).toBe('recovering warning');
    expect(course.sample(9, 40)).toBe('recovering warning');
    expect(course.sample(10, 40)).toBe('ok ok');
    expect(course.changes).toEqual(['fired critical', 'level_down warning', 'resolved ok']);
  });
});

describe('without samples', () => {
  const firing = onSample(OK, T, { reached: 'warning', held: 'warning' }, false, none);

  it('AL-034: missing data fires the same alert at the level of the rule, until good data is back', () => {
    const noData = onNoData(OK, T, 'critical');
    expect(noData).toMatchObject({ status: 'firing', level: 'critical', startsAt: T, detail: 'no_data' });
    expect(onNoData(noData, T + MINUTE, 'critical')).toBe(noData);
    const held = { ...none, keepFiringFor: 10 * MINUTE };
    expect(onSample(noData, T + MINUTE, { reached: 'ok', held: 'ok' }, false, held)).toBe(OK);
  });

  it('AL-033: bad data after missing data continues the same episode', () => {
    const noData = onNoData(OK, T, 'warning');
    const back = onSample(noData, T + MINUTE, { reached: 'warning', held: 'warning' }, false, none);
    expect(back).toMatchObject({ status: 'firing', level: 'warning', startsAt: T, detail: undefined });
  });

  it('missing data does not change an alert that is firing at the same level', () => {
    expect(onNoData(firing, T + MINUTE, 'warning')).toBe(firing);
  });

  it('AL-057: downtime does not count for `for`', () => {
    const pending = onSample(OK, T, { reached: 'warning', held: 'warning' }, false, five);
    const later = restored(pending, 10 * MINUTE);
    const seen = onSample(later, T + 13 * MINUTE, { reached: 'warning', held: 'warning' }, false, five);
    expect(seen.status).toBe('pending');
    expect(onTime(seen, T + 15 * MINUTE, five).status).toBe('firing');
  });

  it('AL-058: pending alerts are dropped after a long downtime', () => {
    const pending = onSample(OK, T, { reached: 'warning', held: 'warning' }, false, five);
    expect(restored(pending, 61 * MINUTE)).toBe(OK);
    expect(restored(firing, 61 * MINUTE)).toMatchObject({ status: 'firing', startsAt: T });
  });

  it('downtime does not count for `keepFiringFor`', () => {
    const hold = { ...none, keepFiringFor: 5 * MINUTE };
    const recovering = onSample(firing, T + MINUTE, { reached: 'ok', held: 'ok' }, false, hold);
    const later = restored(recovering, 60 * MINUTE);
    expect(onTime(later, T + 65 * MINUTE, hold).status).toBe('recovering');
    expect(onTime(later, T + 66 * MINUTE, hold).status).toBe('ok');
  });

  it('AL-055: a clock jump drops pending alerts and restarts the recovery of others', () => {
    const pending = onSample(OK, T, { reached: 'warning', held: 'warning' }, false, five);
    expect(afterClockJump(pending)).toBe(OK);
    const hold = { ...none, keepFiringFor: 5 * MINUTE };
    const recovering = onSample(firing, T + MINUTE, { reached: 'ok', held: 'ok' }, false, hold);
    expect(onTime(afterClockJump(recovering), T + 900 * MINUTE, hold)).toMatchObject({ status: 'firing', startsAt: T });
  });

  it('AL-013: a longer `for` sends an alert back to pending unless it has lasted that long', () => {
    const again = onSample(firing, T + MINUTE, { reached: 'warning', held: 'warning' }, false, none);
    expect(onRuleEdited(again, T + 4 * MINUTE, five)).toMatchObject({ status: 'pending', startsAt: undefined });
    expect(onRuleEdited(again, T + 5 * MINUTE, five)).toBe(again);
  });

  it('AL-013: a longer `for` of one level leaves the alert at the level below', () => {
    const high = onSample(OK, T, { reached: 'critical', held: 'critical' }, false, { ...none, for: { critical: 0 } });
    const longer = { for: { warning: MINUTE, critical: 10 * MINUTE }, keepFiringFor: 0 };
    expect(onRuleEdited(high, T + 5 * MINUTE, longer)).toMatchObject({ status: 'firing', level: 'warning' });
  });
});
