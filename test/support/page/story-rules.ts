/** The rules of the story, and what would have fired. */
import type { RuleInfo, RulePreviewAnswer, RulesAnswer } from '../../../src/api/rules.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const idle: RuleInfo = {
  id: 'cpu_high',
  direction: 'above',
  unit: 'percent',
  limits: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 90 } },
  for: 300_000,
  groupBy: [],
  compared: { field: 'cpu.usage_idle', isRate: false, from: 100, series: ['cpu.usage_idle{cpu=cpu-total}'] },
};

const iowait: RuleInfo = {
  id: 'cpu_iowait',
  direction: 'above',
  unit: 'percent',
  limits: { critical: { at: 60, clear: 40 } },
  for: 120_000,
  compared: { field: 'cpu.usage_iowait', isRate: false, series: ['cpu.usage_iowait{cpu=cpu-total}'] },
};

const temperature: RuleInfo = {
  id: 'temp_high',
  direction: 'above',
  unit: 'celsius',
  limits: { warning: { at: 65, clear: 60 } },
  for: 600_000,
  compared: { field: 'temp.temp', isRate: false, series: ['temp.temp{sensor=nvme1n1}'] },
};

export const storyRules: RulesAnswer = { rules: [idle, iowait, temperature] };

export function previewOf(
  draft: Readonly<Record<string, unknown>>,
  now: number,
  readOnly: string | undefined,
): RulePreviewAnswer {
  const place = readOnly === undefined ? { file: '/etc/healthd/alerts.d/page.yaml' } : { readOnly };
  if (draft['warning'] === 'much')
    return { problems: [{ field: 'warning', message: '"much" is not a percentage: write 85%' }], ...place };
  const at = now - 2 * DAY;
  return {
    problems: [],
    ...place,
    past: {
      from: now - 7 * DAY,
      to: now,
      step: 10_000,
      series: 2,
      leftOut: 0,
      fired: 3,
      unit: 'percent',
      spans: [
        { at: at - 3 * DAY, until: at - 3 * DAY + 2 * HOUR, level: 'warning', series: '/var', value: 87 },
        { at, until: at + HOUR, level: 'critical', series: '/var', value: 96.4 },
        { at: now - HOUR, level: 'warning', series: '/', value: 86 },
      ],
    },
  };
}
