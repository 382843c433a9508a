/** Types of Grafana's dashboard JSON, schema version 42, from Grafana's SDK. Type imports only. */
import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard';

/** The SDK's types with enums replaced by their values, as in JSON. */
export type Json<T> = unknown extends T
  ? unknown
  : T extends string
    ? `${T}`
    : T extends number
      ? `${T}` extends `${infer N extends number}`
        ? N
        : T
      : T extends readonly (infer Element)[]
        ? readonly Json<Element>[]
        : T extends object
          ? { readonly [Key in keyof T]: Json<T[Key]> }
          : T;

export type DataSourceRef = Json<sdk.DataSourceRef>;
export type GridPos = Json<sdk.GridPos>;
export type FieldConfig = Json<sdk.FieldConfig>;
export type Override = Json<sdk.FieldConfigSource>['overrides'][number];
export type Transformation = Json<sdk.DataTransformerConfig>;
export type Thresholds = Json<sdk.ThresholdsConfig>;
export type Variable = Json<sdk.VariableModel>;
export type DashboardLink = Json<sdk.DashboardLink>;

/** The SDK has no types for InfluxDB queries. */
export interface InfluxqlTarget {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: 'time_series' | 'table';
  readonly alias?: string;
  /** For annotations, with the columns of text and tags. */
  readonly fromAnnotations?: true;
  readonly textColumn?: string;
  readonly tagsColumn?: string;
}

export interface FluxTarget {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly query: string;
}

export interface PromqlTarget {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly expr: string;
  readonly editorMode: 'code';
  readonly range: boolean;
  readonly instant: boolean;
  readonly format: 'time_series' | 'table';
  readonly legendFormat?: string;
}

export type Target = InfluxqlTarget | FluxTarget | PromqlTarget;

export type Annotation = Omit<Json<sdk.AnnotationQuery>, 'target'> & {
  readonly target:
    | Target
    | { readonly limit: number; readonly matchAny: boolean; readonly tags: readonly []; readonly type: 'dashboard' };
};

export type Panel = Omit<Json<sdk.Panel>, 'targets' | 'id' | 'gridPos'> & {
  readonly id: number;
  readonly gridPos: GridPos;
  readonly targets: readonly Target[];
};

/** A panel without its grid position. */
export type PanelBody = Omit<Panel, 'id' | 'gridPos'>;

export type RowPanel = Omit<Json<sdk.RowPanel>, 'gridPos' | 'panels'> & {
  readonly gridPos: GridPos;
  readonly panels: readonly [];
};

// Schema v2 needs Grafana 12; provisioning and the API of all versions accept v1.
// eslint-disable-next-line @typescript-eslint/no-deprecated
export type Dashboard = Omit<Json<sdk.Dashboard>, 'panels' | 'annotations'> & {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly (Panel | RowPanel)[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
};
