/** Starts the page. */
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';

import { hasToken, openSession } from './api/session.ts';
import { App } from './shell/app.tsx';
import { startKeys } from './shell/keys.ts';
import { startTheme } from './shell/theme.ts';
import { loadSets } from './store/catalog.ts';
import { followEvents } from './store/events.ts';
import { takeFirst } from './store/first.ts';
import { host, loadHost, session, startStream, tokenRefusal } from './store/live.ts';
import { loadSoon } from './views/load.ts';

/** The agent may start after the page was opened, such as by a browser that restores its tabs. */
const RETRY_MS = 2000;
/** New series appear: a container starts, a disk is mounted. */
const SETS_MS = 60_000;
/** What the first charts ask for must not wait behind the catalog. */
const CHARTS_FIRST_MS = 50;

const root = document.getElementById('app');
if (root !== null) {
  startTheme();
  startKeys();
  takeFirst();
  render(<App />, root);
  void open();
}

async function open(): Promise<void> {
  void untilAnswered(loadSoon).then(({ startGestures }) => {
    startGestures();
  });
  if (hasToken() || session.value === undefined) await identify();
  // A one-time address that is opened in a tab that has the page already.
  addEventListener('hashchange', () => {
    if (hasToken()) void identify();
  });
  const stop = effect(() => {
    if (session.value?.mayRead !== true) return;
    untracked(() => {
      void begin();
    });
    queueMicrotask(() => {
      stop();
    });
  });
}

async function identify(): Promise<void> {
  const { session: answer, refused } = await untilAnswered(openSession);
  session.value = answer;
  tokenRefusal.value = refused;
}

async function begin(): Promise<void> {
  startStream();
  if (host.value !== undefined) await new Promise((resolve) => setTimeout(resolve, CHARTS_FIRST_MS));
  await untilAnswered(loadHost);
  followEvents();
  for (;;) {
    await untilAnswered(loadSets);
    await new Promise((resolve) => setTimeout(resolve, SETS_MS));
  }
}

async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch {
      // The banner says that the agent does not answer.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
