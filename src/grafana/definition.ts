/** A dashboard as it is declared: what is shown and in which order, for no data source in particular. */
import type { Combination, Reduction, RowsQuery, TagFilter } from './query.ts';

/** A field, drawn once for each combination of the tags in `by`. */
export interface Line {
  /** `measurement.field` */
  readonly field: string;
  /** Stands after the tags in the name of the series. */
  readonly label?: string;
  /** Default: host. */
  readonly by?: readonly string[];
  readonly where?: readonly TagFilter[];
  /** Default: the rate of a counter, the mean of a gauge. */
  readonly reduce?: Reduction;
  readonly across?: Combination;
  readonly complement?: true;
  /** Drawn below zero: what leaves, beside what arrives. */
  readonly isBelow?: true;
}

/** The values from which on something is orange and red. */
export type Limits = readonly [warning: number, critical?: number];

interface PanelBase {
  readonly title: string;
  /** Default: what the catalog says of the fields. */
  readonly help?: string;
  /** Columns of 24, and rows of about 38 pixels. */
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

/** One number and its course. */
export interface Tile extends PanelBase, ValueFormat {
  readonly type: 'tile';
  readonly line: Line;
  /** What nothing means. */
  readonly noValue?: string;
}

/** The newest value; a line's `reduce` says only whether it must be current. */
export interface Column extends ValueFormat {
  readonly title: string;
  readonly line: Line;
  /** Default: coloured text where there are limits. */
  readonly look?: 'gauge' | 'background';
  /** What nothing means. */
  readonly noValue?: string;
}

/** A row for each value of a tag, or for each combination of some. */
export interface Table extends PanelBase {
  readonly type: 'table';
  /** Tag → title of its column. */
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** A column with the time of this field's newest point. */
  readonly lastSeen?: { readonly title: string; readonly field: string };
  /** Only rows whose first column is 1; it is not shown then. */
  readonly onlyWhereFirst?: true;
  /** The dashboard that the host leads to. */
  readonly linkTo?: string;
}

/** Bars of what was the case when. */
export interface Timeline extends PanelBase {
  readonly type: 'timeline';
  readonly line: Line;
  readonly states: Readonly<Record<number, { readonly text: string; readonly color: string }>>;
}

/** Points with texts, as they are. */
export interface Rows extends PanelBase {
  readonly type: 'rows';
  readonly query: RowsQuery;
  readonly units?: Readonly<Record<string, string>>;
  /** Column → how it is called, if not by its own name. */
  readonly titles?: Readonly<Record<string, string>>;
  /** What stands here where the data source has no text; nothing if not given. */
  readonly withoutText?: Trend | Table;
}

export type PanelDefinition = Trend | Tile | Table | Timeline | Rows;

export interface Section {
  /** Without one the panels are simply the next. */
  readonly title?: string;
  readonly panels: readonly PanelDefinition[];
}

/** Filters every panel of the dashboard whose measurement has the tag. */
export interface VariableDefinition {
  readonly name: string;
  readonly label: string;
  readonly tag: string;
  /** `measurement.field` that has the tag. */
  readonly from: string;
  readonly where?: readonly TagFilter[];
  /** What is chosen at first; default: all. */
  readonly first?: 'one';
}

export interface DashboardDefinition {
  /** Part of its uid. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableDefinition[];
  readonly sections: readonly Section[];
}
