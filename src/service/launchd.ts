/** The property list for launchd (launchd.plist(5)). */

export interface PlistOptions {
  readonly command: readonly [node: string, script: string];
  readonly config?: string | undefined;
  /** Default: root. */
  readonly user?: string | undefined;
}

export const LAUNCHD_LABEL = 'healthd';

export function propertyList({ command, config, user }: PlistOptions): string {
  const words = [...command, 'run', ...(config === undefined ? [] : ['--config', config])];
  const log = user === undefined ? '/Library/Logs/healthd.log' : `/Users/${user}/Library/Logs/healthd.log`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>Label</key>
    <string>${LAUNCHD_LABEL}</string>
    <key>ProgramArguments</key>
    <array>
${words.map((word) => `      <string>${escaped(word)}</string>`).join('\n')}
    </array>
${user === undefined ? '' : `    <key>UserName</key>\n    <string>${escaped(user)}</string>\n`}    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
      <key>SuccessfulExit</key>
      <false/>
    </dict>
    <key>ThrottleInterval</key>
    <integer>5</integer>
    <key>StandardErrorPath</key>
    <string>${escaped(log)}</string>
  </dict>
</plist>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
