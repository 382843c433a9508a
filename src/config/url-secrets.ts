/**
 * Secrets in URLs, which are secret in every option: the password of `https://user:password@host`, and values of the query.
 * The patterns take time linear in the length of the text, which may be from a server.
 */

/** The password of a URL ends at the last `@` before the path. */
const IN_VALUE = /(:\/\/[^\s:/?#@]*:)([^\s/?#]+)(?=@)/g;

/** In a text with quoted values, a password does not go past a quote. */
const IN_TEXT = /(:\/\/[^\s:/?#@"']*:)([^\s/?#"']+)(?=@)/g;

/** For an invalid URL whose password has an unencoded `/`, `?` or `#`. Does not match a port. */
const IN_BROKEN_URL = /(:\/\/[^\s:/@]*:)(?!\d+(?:[/?#\s]|$))(.+)(?=@)/g;

/** What may be a URL, with what is around it. */
const WORD = /[^\s"']+/g;

/** Names of query parameters whose values are credentials. The others are too common to be hidden outside of URLs. */
const CREDENTIAL = /token|key|secret|pass|pwd|auth|sig|credential|code|jwt|session/i;

type Show = (secret: string) => string;

/**
 * The passwords in one option's value, and what its query says to be a credential. As written and decoded: servers and
 * libraries may quote either form.
 */
export function urlSecrets(value: string): readonly string[] {
  const written: string[] = [];
  const note = (secret: string) => {
    written.push(secret);
    return secret;
  };
  value.replace(patternFor(value), (_all, _before: string, password: string) => note(password));
  hideQueries(value, note, (name) => CREDENTIAL.test(name));
  return written.flatMap((secret) => [secret, decoded(secret)]);
}

/** One option's value without its passwords and without the values of its query. */
export function hideUrlSecrets(value: string, shown: Show): string {
  return hideQueries(hidePasswords(value, patternFor(value), shown), shown);
}

/** The same for any text that may contain URLs. */
export function hideUrlSecretsInText(text: string, shown: Show): string {
  return text.includes('://') ? hideQueries(hidePasswords(text, IN_TEXT, shown), shown) : text;
}

function hidePasswords(text: string, pattern: RegExp, shown: Show): string {
  return text.replace(pattern, (_all, before: string, password: string) => before + shown(password));
}

function hideQueries(text: string, shown: Show, isHidden: (name: string) => boolean = () => true): string {
  return text.replace(WORD, (word) => {
    const scheme = word.indexOf('://');
    const query = scheme === -1 ? 0 : word.indexOf('?', scheme) + 1;
    if (query === 0) return word;
    const fragment = word.indexOf('#', query);
    const end = fragment === -1 ? word.length : fragment;
    return word.slice(0, query) + hideQuery(word.slice(query, end), shown, isHidden) + word.slice(end);
  });
}

/** A part without `=` from this length on may itself be a key; a shorter one is a flag such as `pretty`. Characters. */
const MIN_KEY = 12;

function hideQuery(query: string, shown: Show, isHidden: (name: string) => boolean): string {
  return query.replace(/([^&=]*=)?([^&]*)/g, (_all, name: string | undefined, value: string) => {
    const isSecret = name === undefined ? value.length >= MIN_KEY : value !== '' && isHidden(name);
    if (!isSecret) return `${name ?? ''}${value}`;
    return `${name ?? ''}${shown(value)}`;
  });
}

function patternFor(value: string): RegExp {
  return value.search(IN_VALUE) !== -1 || URL.canParse(value) ? IN_VALUE : IN_BROKEN_URL;
}

function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret; // a literal percent sign
  }
}
