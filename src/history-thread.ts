/** The program of the history's thread. */
import { runHistoryThread } from './history/worker/thread.ts';

runHistoryThread();
