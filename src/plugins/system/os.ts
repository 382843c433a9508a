/** Family by distribution. Others are matched by ID_LIKE, or are their own family. */
const FAMILIES: Readonly<Record<string, string>> = {
  debian: 'debian',
  ubuntu: 'debian',
  linuxmint: 'debian',
  raspbian: 'debian',
  pop: 'debian',
  kali: 'debian',
  devuan: 'debian',
  rhel: 'rhel',
  centos: 'rhel',
  rocky: 'rhel',
  almalinux: 'rhel',
  ol: 'rhel',
  amzn: 'rhel',
  scientific: 'rhel',
  xenserver: 'rhel',
  cloudlinux: 'rhel',
  fedora: 'fedora',
  sles: 'suse',
  sled: 'suse',
  suse: 'suse',
  opensuse: 'suse',
  'opensuse-leap': 'suse',
  'opensuse-tumbleweed': 'suse',
  arch: 'arch',
  manjaro: 'arch',
};

/** The distribution, from the text of /etc/os-release. */
export function describePlatform(osRelease: string) {
  const values = parseOsRelease(osRelease);
  const platform = values.get('ID');
  const likes = [platform ?? '', ...(values.get('ID_LIKE') ?? '').split(' ')];
  const family = likes.map((id) => (Object.hasOwn(FAMILIES, id) ? FAMILIES[id] : undefined)).find(Boolean);
  return { platform, platform_family: family ?? platform, platform_version: values.get('VERSION_ID') };
}

/** Parses shell assignments (os-release(5)): values are bare, or in single or double quotes. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trimEnd()) ?? [];
    if (key !== undefined && value !== undefined && value !== '') values.set(key, unquote(value));
  }
  return values;
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted === null ? value : (quoted[2] ?? '').replace(/\\([\\"$`])/g, '$1');
}
