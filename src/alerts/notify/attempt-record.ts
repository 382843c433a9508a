/** What one message says: the list of its words. It decides the id; texts and values are those of the moment of sending. */
import { createHash } from 'node:crypto';

import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS, CHANGE_KINDS, REASONS } from '../../plugin/notification.ts';

export const groupSchema = z.object({
  key: z.string(),
  route: z.string(),
  tags: z.record(z.string(), z.string()),
});

/** Alerts that one message reports together, e.g. `pages:{host="web1"}`. */
export type Group = Readonly<z.output<typeof groupSchema>>;

const wordSchema = z.object({
  /** The same for all attempts to say this, also when its receiver is renamed in between. */
  id: z.string(),
  fingerprint: z.string(),
  episode: z.string(),
  /** How many words about the episode the receiver has accepted before this one. */
  words: z.number(),
  kind: z.enum(CHANGE_KINDS),
  level: z.enum(ALERT_LEVELS),
  flapping: z.boolean(),
  group: groupSchema,
});

/** One alert in a message. */
export type Word = Readonly<z.output<typeof wordSchema>>;

export const attemptSchema = z.object({
  id: z.string(),
  receiver: z.string(),
  reason: z.enum(REASONS),
  group: groupSchema,
  listed: z.array(wordSchema),
  /** Only in "and n more". */
  counted: z.array(wordSchema),
  /** Number of firing alerts of the group that the message does not mention, because the receiver knows them. */
  unchanged: z.number(),
  reminder: z.number(),
  /** Of mails; absent in attempts of earlier versions. */
  thread: z.string().optional(),
});

export type Attempt = Readonly<z.output<typeof attemptSchema>>;

/** The group is not part of it, so a storm changes no id. */
export function wordId(receiver: string, { fingerprint, episode, words, kind, level }: Omit<Word, 'id'>): string {
  return hash([receiver, fingerprint, episode, String(words), kind, level]);
}

export function attemptId(words: readonly Word[]): string {
  return hash(words.map(({ id }) => id).sort());
}

function hash(parts: readonly string[]): string {
  const hashed = createHash('sha256');
  for (const part of parts) hashed.update(`${part.length}:${part}`);
  return hashed.digest('hex').slice(0, 32);
}
