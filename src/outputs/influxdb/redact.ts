import { redactor } from '../../plugin/index.ts';

import type { Options } from './options.ts';

export type Redact = (text: string) => string;

/** Removes secrets from responses, since servers and proxies echo parts of the request. */
export function responseRedactor({ url = '', urls = [url], token, password, headers }: Options): Redact {
  const redact = redactor([token, password, ...Object.values(headers), ...urls.flatMap(passwords)]);
  return (text) =>
    redact(text)
      .replace(/(\/\/)[^/\s@]+@/g, '$1***@')
      .replace(/\b(Basic|Token|Bearer) [\w+/=.~-]{8,}/g, '$1 ***');
}

function passwords(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  return [password, decodeURIComponent(password)];
}
