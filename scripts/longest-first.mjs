/**
 * The order of test files: first those that compute or wait for long, since a worker that has run a hundred files takes many
 * times as long for them; then as jest would.
 */
import Sequencer from '@jest/test-sequencer';

const LONG = /test\/(?:alerts\/notify\/promise|fuzz|web|faults|e2e)\b|real-servers|apache-kafka/;

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    // First of all the model test of the promise and the packages, which take minutes.
    const rank = ({ path }) => (/promise|test\/packages/.test(path) ? 0 : LONG.test(path) ? 1 : 2);
    return [...ordered].sort((a, b) => rank(a) - rank(b));
  }
}
