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
  const tables = answers
    .map(({ target: { refId }, series }) => ({ refId, ...tableOf(series) }))
    .filter(({ rows }) => rows.length > 0);
  if (tables.length === 0) return { columns: [], rows: [] };
  const [result = tables[0]] = transformations.reduce(
    (now, transformation) => transformed(now, transformation),
    tables,
  );
  return result;
}

/** Those that `filter` leaves out stay as they are. */
function transformed(tables, { id, filter, options }) {
  const transform = TRANSFORMATIONS[id] ?? unknown(id);
  if (filter === undefined) return transform(tables, options);
  const pattern = new RegExp(filter.options.slice(1, -1));
  const [meant, others] = [true, false].map((isMeant) => tables.filter(({ refId }) => pattern.test(refId) === isMeant));
  return [...transform(meant, options), ...others];
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
  merge: (tables) => {
    const names = [...new Set(tables.flatMap(({ columns }) => columns))];
    const shared = names.filter((name) => tables.every(({ columns }) => columns.includes(name)));
    return [joined(tables, shared)];
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

/** A row for each combination of the keys, with the columns of all tables. */
function joined(tables, keys) {
  const columns = [...new Set([...keys, ...tables.flatMap((table) => table.columns)])];
  const rows = new Map();
  for (const table of tables) {
    for (const values of table.rows) {
      const key = JSON.stringify(keys.map((name) => values[table.columns.indexOf(name)]));
      const row = rows.get(key) ?? columns.map(() => null);
      table.columns.forEach((name, index) => (row[columns.indexOf(name)] = values[index]));
      rows.set(key, row);
    }
  }
  return { columns, rows: [...rows.values()] };
}

function chosen({ refId, columns, rows }, isChosen) {
  const indices = columns.flatMap((name, index) => (isChosen(name) ? [index] : []));
  return {
    refId,
    columns: indices.map((index) => columns[index]),
    rows: rows.map((row) => indices.map((index) => row[index])),
  };
}
