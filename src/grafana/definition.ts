/** Definition of a dashboard, independent of the data source. */
import type { Combination, Reduction, RowsQuery, TagFilter } from './query.ts';

/** A field, one series for each combination of the tags in `by`. */
export interface Line {
  /** `measurement.field` */
  readonly field: string;
  /** Follows the tags in the name of the series. */
  readonly label?: string;
  /** Default: host. */
  readonly by?: readonly string[];
  readonly where?: readonly TagFilter[];
  /** Default: the rate of a counter, the mean of a gauge. */
  readonly reduce?: Reduction;
  readonly across?: Combination;
  readonly complement?: true;
  /** Drawn below zero, such as sent bytes beside received bytes. */
  readonly isBelow?: true;
}

/** Values from which on the colour is orange and red. */
export type Limits = readonly [warning: number, critical?: number];

interface PanelBase {
  readonly title: string;
  /** Default: the help texts of the fields in the catalog. */
  readonly help?: string;
  /** Width in 24ths of the page, height in units of about 38 pixels. */
  readonly width?: number;
  readonly height?: number;
}

interface ValueFormat {
  /** Grafana's unit; default: that of the field. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly limits?: Limits;
}

export interface Trend extends PanelBase, ValueFormat {
  readonly type: 'trend';
  readonly lines: readonly Line[];
  readonly isStacked?: true;
}

/** One number with a sparkline. */
export interface Tile extends PanelBase, ValueFormat {
  readonly type: 'tile';
  readonly line: Line;
  /** Shown if there is no value. */
  readonly noValue?: string;
}

/** Shows the newest value. The line's `reduce` only decides between `last` and `now`. */
export interface Column extends ValueFormat {
  readonly title: string;
  readonly line: Line;
  /** Default: coloured text if there are limits. */
  readonly look?: 'gauge' | 'background';
  /** Shown if there is no value. */
  readonly noValue?: string;
}

/** One row for each combination of the key tags. */
export interface Table extends PanelBase {
  readonly type: 'table';
  /** Tag → title of its column. */
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** A column with the time of this field's newest point. */
  readonly lastSeen?: { readonly title: string; readonly field: string };
  /** Keeps only rows whose first column is 1, and hides that column. */
  readonly onlyWhereFirst?: true;
  /** Name of the dashboard that the host column links to. */
  readonly linkTo?: string;
}

/** States over time, as coloured bars. */
export interface Timeline extends PanelBase {
  readonly type: 'timeline';
  readonly line: Line;
  readonly states: Readonly<Record<number, { readonly text: string; readonly color: string }>>;
}

/** A table of raw points, with their text fields. */
export interface Rows extends PanelBase {
  readonly type: 'rows';
  readonly query: RowsQuery;
  readonly units?: Readonly<Record<string, string>>;
  /** Column → title; default: its name. */
  readonly titles?: Readonly<Record<string, string>>;
  /** Replacement on a data source without text; default: the panel is omitted. */
  readonly withoutText?: Trend | Table;
}

export type PanelDefinition = Trend | Tile | Table | Timeline | Rows;

export interface Section {
  /** Default: the panels continue the section before. */
  readonly title?: string;
  readonly panels: readonly PanelDefinition[];
}

/** Filters every panel of the dashboard whose measurement has the tag. */
export interface VariableDefinition {
  readonly name: string;
  readonly label: string;
  readonly tag: string;
  /** A `measurement.field` whose points have the tag. */
  readonly from: string;
  readonly where?: readonly TagFilter[];
  /** Initial selection: one value instead of all. */
  readonly first?: 'one';
}

export interface DashboardDefinition {
  /** Part of the uid. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableDefinition[];
  readonly sections: readonly Section[];
}
