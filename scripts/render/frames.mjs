/** Answers of InfluxDB → what a panel draws: series over time, or one table. */

/**
 * @param answers for each query of the panel: the query, and the series that InfluxDB answered
 * @returns series with their name, query and points `[time, value]`. The first step of a time range may begin before it.
 */
export function toSeries(answers, { from }) {
  return answers.flatMap(({ target: { refId, alias = '', resultFormat }, series }) =>
    series.map(({ tags = {}, columns, values }) => ({
      name: resultFormat === 'table' ? columns.at(-1) : alias.replaceAll(/\$tag_(\w+)/g, (_, tag) => tags[tag] ?? ''),
      refId,
      points: values.filter(([time, value]) => value !== null && time >= from),
    })),
  );
}

/** @returns `{ columns: [name], rows: [[value]] }` after the transformations of the panel */
export function toTable(answers, transformations = []) {
  const tables = answers.map(({ series }) => tableOf(series)).filter(({ rows }) => rows.length > 0);
  if (tables.length === 0) return { columns: [], rows: [] };
  const [result = tables[0]] = transformations.reduce(
    (now, { id, options }) => (TRANSFORMATIONS[id] ?? unknown(id))(now, options),
    tables,
  );
  return result;
}

function unknown(id) {
  throw new Error(`The transformation ${id} is not known here`);
}

function tableOf(series) {
  const [{ columns: own = [], tags = {} } = {}] = series;
  const keys = Object.keys(tags);
  const columns = ['Time', ...keys, ...own.slice(1)];
  const rows = series.flatMap((one) =>
    one.values.map(([time, ...values]) => [time, ...keys.map((key) => one.tags[key]), ...values]),
  );
  return { columns, rows };
}

const TRANSFORMATIONS = {
  joinByField: (tables, { byField }) => [joined(tables, [byField], numbered(tables, byField))],
  merge: (tables) => {
    const names = [...new Set(tables.flatMap(({ columns }) => columns))];
    const shared = names.filter((name) => tables.every(({ columns }) => columns.includes(name)));
    return [joined(tables, shared, tables)];
  },
  filterFieldsByName: (tables, { include }) =>
    tables.map((table) => chosen(table, (name) => include.names.includes(name))),
  organize: (tables, { indexByName, renameByName, excludeByName }) =>
    tables.map((table) => {
      const { columns, rows } = chosen(table, (name) => !excludeByName[name]);
      const order = columns.map((_, index) => index).sort((a, b) => indexByName[columns[a]] - indexByName[columns[b]]);
      return {
        columns: order.map((index) => renameByName[columns[index]] ?? columns[index]),
        rows: rows.map((row) => order.map((index) => row[index])),
      };
    }),
};

/** Columns that several tables have get numbers: "Time 1", "Time 2". */
function numbered(tables, key) {
  const total = (name) => tables.filter(({ columns }) => columns.includes(name)).length;
  const seen = new Map();
  return tables.map(({ columns, rows }) => ({
    rows,
    columns: columns.map((name) => {
      if (name === key || total(name) < 2) return name;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return `${name} ${seen.get(name)}`;
    }),
  }));
}

/** A row for each combination of the keys, with the columns of all tables. */
function joined(tables, keys, named) {
  const columns = [...new Set([...keys, ...named.flatMap((table) => table.columns)])];
  const rows = new Map();
  for (const table of named) {
    for (const values of table.rows) {
      const key = JSON.stringify(keys.map((name) => values[table.columns.indexOf(name)]));
      const row = rows.get(key) ?? columns.map(() => null);
      table.columns.forEach((name, index) => (row[columns.indexOf(name)] = values[index]));
      rows.set(key, row);
    }
  }
  return { columns, rows: [...rows.values()] };
}

function chosen({ columns, rows }, isChosen) {
  const indices = columns.flatMap((name, index) => (isChosen(name) ? [index] : []));
  return {
    columns: indices.map((index) => columns[index]),
    rows: rows.map((row) => indices.map((index) => row[index])),
  };
}
