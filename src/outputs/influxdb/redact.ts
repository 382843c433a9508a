import type { Options } from './options.ts';

export type Redact = (text: string) => string;

/** Shorter values are not secrets, and redacting them would mangle ordinary words. Characters. */
const MIN_SECRET = 4;

/** Removes secrets from responses, since servers and proxies echo parts of the request. */
export function redactor(options: Options): Redact {
  const urls = options.urls ?? [options.url ?? ''];
  const secrets = [options.token, options.password, ...Object.values(options.headers), ...urls.flatMap(passwords)]
    .filter((secret): secret is string => secret !== undefined && secret.length >= MIN_SECRET)
    .sort((a, b) => b.length - a.length);
  return (text) =>
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
      .replace(/(\/\/)[^/\s@]+@/g, '$1***@')
      .replace(/\b(Basic|Token|Bearer) [\w+/=.~-]{8,}/g, '$1 ***');
}

function passwords(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  return [password, decodeURIComponent(password)];
}
