/** Passwords in URLs, `https://user:password@host`, which are secret in every option. */

/** The password of a URL ends at the last `@` before the path. */
const IN_VALUE = /(?<=:\/\/[^\s:/?#@]*:)[^\s/?#]+(?=@)/g;

/** In a text with quoted values, a password does not go past a quote. */
const IN_TEXT = /(?<=:\/\/[^\s:/?#@"']*:)[^\s/?#"']+(?=@)/g;

/** For an invalid URL whose password has an unencoded `/`, `?` or `#`. Does not match a port. */
const IN_BROKEN_URL = /(?<=:\/\/[^\s:/@]*:)(?!\d+(?:[/?#\s]|$)).+(?=@)/g;

/** The passwords in one option's value, as written and decoded: servers and libraries may quote either form. */
export function urlPasswords(value: string): readonly string[] {
  const written = value.match(patternFor(value)) ?? [];
  return written.flatMap((password) => [password, decoded(password)]);
}

/** One option's value without its passwords. */
export function hideUrlPasswords(value: string, shown: (password: string) => string): string {
  return value.replace(patternFor(value), shown);
}

/** The same for any text that may contain URLs. */
export function hideUrlPasswordsInText(text: string, shown: (password: string) => string): string {
  return text.includes('://') ? text.replace(IN_TEXT, shown) : text;
}

function patternFor(value: string): RegExp {
  return value.search(IN_VALUE) !== -1 || URL.canParse(value) ? IN_VALUE : IN_BROKEN_URL;
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password; // a literal percent sign
  }
}
