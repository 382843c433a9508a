/** The live stream: reconnects with backoff, and asks for what it missed. */
import type { EventInfo, FindingsAnswer, LiveSample, LiveSeries, ProcessesAnswer } from './answers.ts';

export interface StreamListener {
  onOpen(): void;
  /** @param nextTryAt ms since the Unix epoch, by the reader's clock */
  onLost(nextTryAt: number): void;
  onSeries(series: LiveSeries): void;
  onSample(sample: LiveSample): void;
  onProcesses(answer: ProcessesAnswer): void;
  onFindings(answer: FindingsAnswer): void;
  onAlerts(answer: unknown): void;
  onEvent(event: EventInfo): void;
}

export interface Stream {
  /** Connects now instead of at the next try. */
  retry(): void;
  close(): void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;
/** The agent sends a sample each second; a connection that is silent for so long is dead, whatever TCP says. */
const SILENCE_MS = 15_000;

/** @param since time of the newest sample that the page has, ms since the Unix epoch; 0 for none */
export function openStream(listener: StreamListener, since: () => number): Stream {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let waitMs = FIRST_WAIT_MS;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MS);
  };

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    const from = since();
    source = new EventSource(from === 0 ? '/api/v1/stream' : `/api/v1/stream?since=${from}`);
    source.onopen = () => {
      waitMs = FIRST_WAIT_MS;
      heard();
      listener.onOpen();
    };
    source.onerror = lose;
    listen(source, listener, heard);
    heard();
  };

  // EventSource would reconnect by itself, but with the address of the first time, and without saying when.
  function lose(): void {
    clearTimeout(silence);
    source?.close();
    source = undefined;
    clearTimeout(timer);
    timer = setTimeout(connect, waitMs);
    listener.onLost(Date.now() + waitMs);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }

  connect();
  return {
    retry: () => {
      waitMs = FIRST_WAIT_MS;
      connect();
    },
    close: () => {
      clearTimeout(timer);
      clearTimeout(silence);
      source?.close();
    },
  };
}

function listen(source: EventSource, listener: StreamListener, heard: () => void): void {
  const handlers: Readonly<Record<string, (data: never) => void>> = {
    series: (data) => {
      listener.onSeries(data);
    },
    sample: (data) => {
      listener.onSample(data);
    },
    processes: (data) => {
      listener.onProcesses(data);
    },
    findings: (data) => {
      listener.onFindings(data);
    },
    alerts: (data) => {
      listener.onAlerts(data);
    },
    event: (data) => {
      listener.onEvent(data);
    },
  };
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => {
      heard();
      handle(JSON.parse(event.data as string) as never);
    });
  }
}
