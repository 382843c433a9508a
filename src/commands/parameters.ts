/** Options that several commands share. */

export const CONFIG = { short: 'c', value: 'file', summary: 'configuration file' } as const;

export const FROM = {
  value: 'time',
  summary: 'start: a time or an age, such as 2026-01-31T08:00:00Z, 1769846400 or 2h',
} as const;

export const TO = { value: 'time', summary: 'end, exclusive' } as const;

export const JSON_OUTPUT = { summary: 'print JSON' } as const;

export const BY = { value: 'name', summary: 'author (default: the current user)' } as const;
