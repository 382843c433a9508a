/**
 * What programs of the user's inherit from the environment of the agent. That holds tokens: those of `${env:…}`, and those that
 * systemd or a container hands over. So it is a list of what programs need, not of what is secret.
 */

type Environment = Readonly<Record<string, string | undefined>>;

const INHERITED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR'],
  // Programs on Windows do not start without most of these.
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROCESSOR_ARCHITECTURE'],
]);

/** @param configured variables of the entry; they replace inherited ones */
export function childEnvironment(agent: Environment, configured: Environment): NodeJS.ProcessEnv {
  const isWindows = process.platform === 'win32';
  const inherited = Object.entries(agent).filter(([name]) => {
    // Windows ignores the case of names: Path is PATH.
    const known = isWindows ? name.toUpperCase() : name;
    return INHERITED.has(known) || known.startsWith('LC_');
  });
  return { ...Object.fromEntries(inherited), ...configured };
}
