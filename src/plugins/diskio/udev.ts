/** udev properties of a device, with `DEVLINKS`, all links to it separated by spaces. */
export type UdevProperties = ReadonlyMap<string, string>;

/** Parses an entry of udev's database (`/run/udev/data/b8:0`): `E:KEY=value` is a property, `S:path` a link below /dev. */
export function parseUdev(text: string): UdevProperties {
  const properties = new Map<string, string>();
  const links: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('S:') && line.length > 2) links.push(`/dev/${line.slice(2)}`);
    const equals = line.indexOf('=');
    if (line.startsWith('E:') && equals > 2) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  if (links.length > 0) properties.set('DEVLINKS', links.join(' '));
  return properties;
}

/** Expands the first template whose variables (`$KEY` or `${KEY}`) are all known; undefined if there is none. */
export function nameFrom(templates: readonly string[], properties: UdevProperties): string | undefined {
  const variables = /\$(?:(\w+)|\{(\w+)\})/g;
  for (const template of templates) {
    const keys = [...template.matchAll(variables)].map(([, bare, braced]) => bare ?? braced ?? '');
    if (!keys.every((key) => properties.has(key))) continue;
    return template.replace(
      variables,
      (_, bare?: string, braced?: string) => properties.get(bare ?? braced ?? '') ?? '',
    );
  }
  return undefined;
}
