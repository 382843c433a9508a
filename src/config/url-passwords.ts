/** Passwords in URLs, `https://user:password@host`: secret in whatever option they stand. */

/** The password of a URL ends at the last `@` before the path. */
const IN_VALUE = /(?<=:\/\/[^\s:/?#@]*:)[^\s/?#]+(?=@)/g;

/** In a text that quotes values, what is behind the quote is another value. */
const IN_TEXT = /(?<=:\/\/[^\s:/?#@"']*:)[^\s/?#"']+(?=@)/g;

/** In what is no URL because the password holds a `/`, `?` or `#` that is not encoded; a port is not taken for one. */
const IN_BROKEN_URL = /(?<=:\/\/[^\s:/@]*:)(?!\d+(?:[/?#\s]|$)).+(?=@)/g;

/** The passwords in one option's value, as written and as servers and libraries may repeat them: decoded. */
export function urlPasswords(value: string): readonly string[] {
  const written = value.match(patternFor(value)) ?? [];
  return written.flatMap((password) => [password, decoded(password)]);
}

/** One option's value without its passwords. */
export function hideUrlPasswords(value: string, shown: (password: string) => string): string {
  return value.replace(patternFor(value), shown);
}

/** The same for any text in which URLs may occur. */
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
    return password; // a percent sign that begins no encoded byte stands for itself
  }
}
