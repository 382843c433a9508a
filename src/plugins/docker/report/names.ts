/** A container's name: the first that is not a link (`/other/alias`), without the leading slash. */
export function containerName(names: readonly string[] | null | undefined): string | undefined {
  return names?.map((name) => name.replace(/^\//, '')).find((name) => name !== '' && !name.includes('/'));
}

export interface ImageName {
  /** Includes the registry: `registry.example.org:5000/tools/busybox`. */
  readonly image: string;
  /** The tag, or `unknown` if there is none. */
  readonly version: string;
}

/** Splits an image reference at its tag. A colon before the last slash is part of the registry's address. */
export function parseImage(reference: string): ImageName {
  const at = reference.indexOf('@');
  const name = at === -1 ? reference : reference.slice(0, at);
  const colon = name.lastIndexOf(':');
  if (colon <= name.lastIndexOf('/')) return { image: name, version: 'unknown' };
  return { image: name.slice(0, colon), version: name.slice(colon + 1) };
}

/** The twelve characters that `docker ps` shows; also the default host name of the container. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
