import type { PluginEntry } from '../host/entry.ts';
import type { AlertLevel, NotifierPlugin } from '../plugin/index.ts';

/** `alias` is its key under `notifiers`. */
export interface NotifierEntry extends PluginEntry<NotifierPlugin> {
  /** Alerts that never reach it are not told here. Default info. */
  readonly min_level: AlertLevel;
  /** Default true. */
  readonly send_resolved: boolean;
  /** Deadline of one attempt. Default 10 s. */
  readonly timeout: number;
  /** Most messages a second; undefined: as the notifier says. */
  readonly rate: number | undefined;
  /** How long a message is worth delivering. Default 24 h. */
  readonly ttl: number;
}
