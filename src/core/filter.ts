/** Selects metrics by name and tags, then fields and tag keys. Telegraf's semantics under simpler names. */
export interface Selector {
  /** Globs of measurement names. */
  readonly names?: readonly string[] | undefined;
  /** Tag key → globs of its value. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface KeySelector {
  readonly only?: readonly string[] | undefined;
  readonly drop?: readonly string[] | undefined;
}

export interface FilterSpec {
  /** Passes a metric if a name glob matches (namepass) and at least one tag matches (tagpass). */
  readonly only?: Selector | undefined;
  /** Drops a metric if a name glob matches (namedrop) or any tag matches (tagdrop). */
  readonly drop?: Selector | undefined;
  /** Keeps or removes fields (fieldinclude, fieldexclude); a metric without fields left is dropped. */
  readonly fields?: KeySelector | undefined;
  /** Keeps or removes tags (taginclude, tagexclude). */
  readonly tag_keys?: KeySelector | undefined;
}
