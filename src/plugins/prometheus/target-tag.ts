/**
 * The URL of a target as a tag. A tag is in every database and dashboard, so it has no credentials: of the query, only
 * parameters are kept that exporters use to choose what they report. What any other parameter means is not known.
 */
const KEPT = new Set(['target', 'module', 'collect[]', 'exclude[]', 'name[]', 'match[]', 'format']);

/** Instead of the value of any other parameter. */
const HIDDEN = '***';

/** Two targets that differ only in what is hidden have equal tags; the options refuse that. */
export function tagOf(target: URL): string {
  const url = withoutCredentials(target);
  const parts = [...url.searchParams].map(([name, value]) => {
    // Without a value, the name may be the key, which may end in the padding of base64.
    if (/^=*$/.test(value)) return HIDDEN;
    return `${name}=${KEPT.has(name) ? shown(value) : HIDDEN}`;
  });
  url.search = parts.length === 0 ? '' : `?${parts.join('&')}`;
  url.hash = '';
  return url.href;
}

/** The parameter `target` of the blackbox exporter is often a URL itself. */
function shown(value: string): string {
  if (!value.includes('://') || !URL.canParse(value)) return encodeURIComponent(value);
  const inner = withoutCredentials(new URL(value));
  inner.search = inner.search === '' ? '' : `?${HIDDEN}`;
  return encodeURIComponent(inner.href);
}

function withoutCredentials(target: URL): URL {
  const url = new URL(target);
  url.username = '';
  url.password = '';
  return url;
}
