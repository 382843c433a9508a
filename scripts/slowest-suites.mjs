/** A reporter of jest that prints the ten slowest suites at the end of a run, and the tests that passed at the second try only. */
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
    const late = testResults.flatMap(({ testFilePath, testResults: tests }) =>
      tests
        .filter(({ status, invocations = 1 }) => status === 'passed' && invocations > 1)
        .map(({ fullName }) => `  ${relative(process.cwd(), testFilePath)}  ${fullName}`),
    );
    if (late.length > 0) process.stderr.write(`\nPassed at the second try\n${late.join('\n')}\n`);
  }
}
