import { expect, it } from '@jest/globals';

import { simulate, stageAt } from '../../../src/alerts/trial/simulate.ts';
import { nanoseconds } from '../../../src/core/clock.ts';
import type { Metric } from '../../../src/metric/metric.ts';

import { fakeRule, MINUTE, SECOND } from '../engine/engine-kit.ts';

const START = 1_700_000_000_000;

function disk(minute: number, used: number, path = '/var'): Metric {
  return { name: 'disk', tags: { host: 'web1', path }, fields: { used }, time: nanoseconds(START + minute * MINUTE) };
}

it('gives the course of each alert, with changes by time alone', () => {
  const rule = fakeRule({ timing: { for: { warning: 2 * MINUTE + 30 * SECOND }, keepFiringFor: 5 * MINUTE } });
  const values = [70, 86, 96, 96, 96, 96, 79, 79, 79, 79, 79, 79, 79];
  const metrics = values.flatMap((used, minute) => [disk(minute, used), disk(minute, 10, '/')]).reverse();
  const { alerts, events } = simulate({ rules: [rule], metrics });
  const course = alerts.find(({ tags }) => tags['path'] === '/var')!;
  expect(course.course.map(({ at, status, level }) => [(at - START) / MINUTE, status, level])).toEqual([
    [2, 'pending', 'warning'],
    [4.5, 'firing', 'warning'],
    [6, 'recovering', 'warning'],
    [11, 'ok', 'ok'],
  ]);
  expect(stageAt(course, START + MINUTE)).toEqual({ status: 'ok', level: 'ok' });
  expect(stageAt(course, START + 5 * MINUTE)).toMatchObject({ status: 'firing', level: 'warning', value: 96 });
  expect(alerts.find(({ tags }) => tags['path'] === '/')?.course).toEqual([]);
  expect(events.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
});

it('continues after the last metric until a given time', () => {
  const rule = fakeRule({ noData: { after: 5 * MINUTE, action: 'alert', level: 'critical' } });
  const { events } = simulate({ rules: [rule], metrics: [disk(0, 50)], until: START + 10 * MINUTE });
  expect(events.map(({ kind, at, alert }) => [kind, (at - START) / MINUTE, alert.detail])).toEqual([
    ['fired', 5, 'no_data'],
  ]);
});

it('needs no metrics', () => {
  expect(simulate({ rules: [fakeRule()], metrics: [] })).toEqual({ alerts: [], events: [] });
});

it('simulates a day of samples quickly', () => {
  const metrics = Array.from({ length: 24 * 60 }, (_, minute) => disk(minute, minute % 100));
  const { events } = simulate({ rules: [fakeRule()], metrics });
  expect(events.some(({ kind }) => kind === 'flapping_start')).toBe(false); // an episode in 100 minutes
  expect(events.filter(({ kind }) => kind === 'fired')).toHaveLength(14);
});
