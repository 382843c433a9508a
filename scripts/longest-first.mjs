/**
 * The order of test files: first those that compute or wait for long, since a worker that has run a hundred files takes many
 * times as long for them; then as jest would.
 */
import Sequencer from '@jest/test-sequencer';

const LONG = /test\/(?:alerts\/notify\/promise|fuzz|web|faults|e2e)\b|real-servers|apache-kafka/;

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    const rank = ({ path }) => {
      // The model test of the promise and the packages take minutes. What a browser shows of a real agent is measured after those.
      if (/promise|test\/packages/.test(path)) return 0;
      if (path.includes('test/web/real-agent')) return 2;
      return LONG.test(path) ? 1 : 3;
    };
    return [...ordered].sort((a, b) => rank(a) - rank(b));
  }
}
