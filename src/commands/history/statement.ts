/** What the text of an SQL statement says without parsing it. */

/** Comments and quoted names and texts, in which a semicolon ends nothing. */
const OPAQUE = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/g;

/** Whether there is another statement after the first, which SQLite would ignore. */
export function hasSecondStatement(text: string): boolean {
  const plain = text.replace(OPAQUE, (part) => (/^(?:--|\/\*)/.test(part) ? ' ' : 'x'));
  return /;[\s;]*[^\s;]/.test(plain);
}

/** Whether the statement can mean a table of this name: SQLite has no way to write it other than letter by letter. */
export function mayMean(statement: string, table: string): boolean {
  const text = statement.toLowerCase();
  const name = table.toLowerCase();
  return text.includes(name) || text.includes(name.replaceAll('"', '""')) || text.includes(name.replaceAll('`', '``'));
}
