/** Panel definitions → Grafana panels, without their grid position. */
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as stateTimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import type * as timeSeries from '@grafana/grafana-foundation-sdk/timeseries';

import type { Line, PanelDefinition, Tile, Timeline, Trend } from './definition.ts';
import { valueFormat, panelHeader, override, thresholds } from './field-config.ts';
import type { Json, Override, PanelBody } from './dashboard-json.ts';
import { newestQueryOf, queryOf, refId, type Scope } from './scope.ts';
import { rowsPanel, tablePanel } from './table-panel.ts';

/** Points farther apart than this are not connected. */
const MAX_GAP_MS = 3 * 60_000;

export function panelBody(scope: Scope, panel: PanelDefinition): PanelBody {
  switch (panel.type) {
    case 'trend':
      return trend(scope, panel);
    case 'tile':
      return tile(scope, panel);
    case 'table':
      return tablePanel(scope, panel);
    case 'timeline':
      return timeline(scope, panel);
    case 'rows':
      return rowsPanel(scope, panel);
  }
}

function trend(scope: Scope, panel: Trend): PanelBody {
  const { lines, isStacked, min, max, limits } = panel;
  return {
    ...panelHeader(scope, panel, lines),
    type: 'timeseries',
    targets: lines.map((line, index) => series(scope, line, index)),
    fieldConfig: {
      defaults: {
        ...valueFormat(scope, panel, lines),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        color: { mode: 'palette-classic-by-name' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: isStacked ? 40 : 10,
          showPoints: 'auto',
          spanNulls: MAX_GAP_MS,
          insertNulls: MAX_GAP_MS,
          stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
          thresholdsStyle: { mode: limits === undefined ? 'off' : 'dashed' },
        } satisfies Json<timeSeries.FieldConfig>,
      },
      overrides: [...nameOverrides(scope, lines), ...belowOverrides(lines)],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: ['lastNotNull'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    } satisfies Json<timeSeries.Options>,
  };
}

function tile(scope: Scope, panel: Tile): PanelBody {
  const { line, min, max } = panel;
  // `now` needs an instant query: over time, the last value of an ended series would stay for ever.
  const isNow = line.reduce === 'now';
  return {
    ...panelHeader(scope, panel, [line]),
    type: 'stat',
    targets: [isNow ? scope.writer.latest(newestQueryOf(scope, line), refId(0), panel.title) : series(scope, line, 0)],
    fieldConfig: {
      defaults: {
        ...valueFormat(scope, panel, [line]),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        color: { mode: 'thresholds' },
        noValue: panel.noValue ?? '–',
      },
      overrides: isNow ? [] : nameOverrides(scope, [line]),
    },
    options: {
      reduceOptions: { values: isNow, calcs: ['lastNotNull'], fields: '' },
      colorMode: panel.limits === undefined ? 'none' : 'value',
      graphMode: isNow ? 'none' : 'area',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    } satisfies Json<stat.Options>,
  };
}

function timeline(scope: Scope, panel: Timeline): PanelBody {
  const { line, states } = panel;
  return {
    ...panelHeader(scope, panel, [line]),
    type: 'state-timeline',
    targets: [series(scope, line, 0)],
    fieldConfig: {
      defaults: {
        color: { mode: 'thresholds' },
        custom: {
          fillOpacity: 70,
          lineWidth: 0,
          spanNulls: false,
          insertNulls: MAX_GAP_MS,
        } satisfies Json<stateTimeline.FieldConfig>,
        mappings: [{ type: 'value', options: states }],
        thresholds: thresholds(undefined),
      },
      overrides: nameOverrides(scope, [line]),
    },
    options: {
      showValue: 'never',
      mergeValues: true,
      rowHeight: 0.8,
      alignValue: 'left',
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    } satisfies Json<stateTimeline.Options>,
  };
}

function series(scope: Scope, line: Line, index: number) {
  return scope.writer.series(queryOf(scope, line), refId(index), line.label ?? '');
}

function nameOverrides({ writer }: Scope, lines: readonly Line[]): readonly Override[] {
  return lines.flatMap(({ by = ['host'], label = '' }, index) => {
    const displayName = writer.displayName(by, label);
    return displayName === undefined ? [] : [override('byFrameRefID', refId(index), { displayName })];
  });
}

function belowOverrides(lines: readonly Line[]): readonly Override[] {
  return lines.flatMap(({ isBelow }, index) =>
    isBelow ? [override('byFrameRefID', refId(index), { 'custom.transform': 'negative-Y' })] : [],
  );
}
