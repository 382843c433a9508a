/** What another thread can do with the main thread while it runs JavaScript without end: Node's inspector interrupts it. */
import type { Debugger, Session } from 'node:inspector';

/**
 * `function (file:line)` of the innermost frame outside of Node. Undefined if the main thread is inside a system call.
 *
 * @param patience how long it may take, in milliseconds
 * @throws if this Node is built without inspector
 */
export async function sampleMainThread(patience: number): Promise<string | undefined> {
  const session = await connect();
  /** By script. The frames themselves have no address. */
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => urls.set(scriptId, url));
  try {
    return await new Promise<string | undefined>((resolve) => {
      session.once('Debugger.paused', ({ params }) => {
        resolve(placeOf(params.callFrames, urls));
      });
      session.post('Debugger.enable');
      session.post('Debugger.pause');
      setTimeout(() => {
        resolve(undefined);
      }, patience);
    });
  } finally {
    // The main thread goes on.
    session.disconnect();
  }
}

/** Ends the process from inside of the main thread. */
export async function abortMainThread(): Promise<void> {
  (await connect()).post('Runtime.evaluate', { expression: 'process.abort()' });
}

async function connect(): Promise<Session> {
  const inspector = await import('node:inspector');
  const session = new inspector.Session();
  session.connectToMainThread();
  return session;
}

function placeOf(frames: readonly Debugger.CallFrame[], urls: ReadonlyMap<string, string>): string | undefined {
  for (const { functionName, location } of frames) {
    const url = urls.get(location.scriptId) ?? '';
    if (url === '' || url.startsWith('node:')) continue;
    return `${functionName || 'a function'} (${url.replace(/^file:\/\//, '')}:${location.lineNumber + 1})`;
  }
  return undefined;
}
