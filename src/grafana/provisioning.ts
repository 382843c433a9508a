/** Contents of Grafana's provisioning files for data sources and the dashboard folder. */
import { dataSourceUid, FOLDER } from './naming.ts';
import type { Source } from './writers/writer.ts';

/** Interval of the metrics: the minimum step of Grafana's queries. */
const INTERVAL = '10s';

interface DataSourceFile {
  readonly file: string;
  readonly comment: string;
  readonly plugin: 'influxdb' | 'prometheus';
  readonly url: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData?: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** Alternatives: all files of a source define the same uid, to which dashboards and rules refer. */
const DATA_SOURCES: Readonly<Record<Source, readonly DataSourceFile[]>> = {
  influxql: [
    {
      file: 'influxdb1',
      comment: 'InfluxDB 1. User and password may be empty.',
      plugin: 'influxdb',
      url: '${INFLUX_URL}',
      user: '${INFLUX_USER}',
      jsonData: { version: 'InfluxQL', dbName: 'telegraf', httpMode: 'POST', timeInterval: INTERVAL },
      secureJsonData: { password: '${INFLUX_PASSWORD}' },
    },
    {
      file: 'influxdb2-dbrp',
      comment: [
        'InfluxDB 2 with InfluxQL. Needs a DBRP mapping of the database "telegraf" to the bucket:',
        'influx v1 dbrp create --db telegraf --rp autogen --default --bucket-id <id of the bucket>',
      ].join('\n'),
      plugin: 'influxdb',
      url: '${INFLUX_URL}',
      jsonData: {
        version: 'InfluxQL',
        dbName: 'telegraf',
        httpMode: 'POST',
        httpHeaderName1: 'Authorization',
        timeInterval: INTERVAL,
      },
      secureJsonData: { httpHeaderValue1: 'Token ${INFLUX_TOKEN}' },
    },
    {
      file: 'influxdb3',
      comment: 'InfluxDB 3, which supports InfluxQL natively.',
      plugin: 'influxdb',
      url: '${INFLUX_URL}',
      jsonData: {
        version: 'InfluxQL',
        dbName: 'telegraf',
        httpMode: 'POST',
        httpHeaderName1: 'Authorization',
        timeInterval: INTERVAL,
      },
      secureJsonData: { httpHeaderValue1: 'Bearer ${INFLUX_TOKEN}' },
    },
  ],
  flux: [
    {
      file: 'influxdb2',
      comment: 'InfluxDB 2 with Flux.',
      plugin: 'influxdb',
      url: '${INFLUX_URL}',
      jsonData: {
        version: 'Flux',
        organization: '${INFLUX_ORG}',
        defaultBucket: 'telegraf',
        timeInterval: INTERVAL,
      },
      secureJsonData: { token: '${INFLUX_TOKEN}' },
    },
  ],
  promql: [
    {
      file: 'prometheus',
      comment: 'Prometheus, or a compatible database: VictoriaMetrics, Mimir, Thanos.',
      plugin: 'prometheus',
      url: '${PROMETHEUS_URL}',
      jsonData: { httpMethod: 'POST', timeInterval: INTERVAL, manageAlerts: true },
    },
  ],
};

export function dataSourceFiles(source: Source) {
  return DATA_SOURCES[source].map(({ file, comment, plugin, ...settings }) => ({
    file,
    comment,
    content: {
      apiVersion: 1,
      datasources: [
        {
          name: `healthd ${file}`,
          uid: dataSourceUid(source),
          orgId: 1,
          type: plugin,
          access: 'proxy',
          isDefault: false,
          editable: false,
          ...settings,
        },
      ],
    },
  }));
}

export const dashboardProvider = {
  apiVersion: 1,
  providers: [
    {
      name: 'healthd',
      orgId: 1,
      folder: FOLDER.title,
      folderUid: FOLDER.uid,
      type: 'file',
      disableDeletion: false,
      allowUiUpdates: false,
      updateIntervalSeconds: 60,
      options: { path: '/var/lib/grafana/dashboards/healthd' },
    },
  ],
};
