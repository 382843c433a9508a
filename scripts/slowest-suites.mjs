/** A reporter of jest that prints the ten slowest suites at the end of a run. */
import { relative } from 'node:path';

const MOST = 10;

export default class SlowestSuites {
  onRunComplete(_contexts, { testResults }) {
    const suites = testResults
      .map(({ testFilePath, perfStats }) => ({ path: relative(process.cwd(), testFilePath), ms: perfStats.runtime }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, MOST);
    const lines = suites.map(({ path, ms }) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${path}`);
    process.stderr.write(`\nSlowest suites\n${lines.join('\n')}\n`);
  }
}
