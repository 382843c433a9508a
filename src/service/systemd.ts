/** The systemd unit. The one source of what `healthd service install` writes and of examples/systemd/healthd.service. */

export interface UnitOptions {
  /** Absolute paths of Node and of the script. */
  readonly command: readonly [node: string, script: string];
  /** Absolute path. Default: as `healthd run` finds it, such as /etc/healthd/healthd.yaml. */
  readonly config?: string | undefined;
  /** `systemd-notify` is installed, so systemd learns when the agent is ready. Otherwise that is when its process runs. */
  readonly canNotify: boolean;
  /** May use the socket of Docker. A member of its group can do on the host what root can. */
  readonly watchesDocker: boolean;
}

/** The first line, by which an installed unit is known as healthd's own. */
export const UNIT_MARK = '# Written by "healthd service install". Change it with: systemctl edit healthd';

export const SERVICE_USER = 'healthd';

export function unitFile({ command, config, canNotify, watchesDocker }: UnitOptions): string {
  const program = command.map(quoted).join(' ');
  const using = config === undefined ? '' : ` --config ${quoted(config)}`;
  return `${[
    UNIT_MARK,
    ...UNIT,
    '',
    '[Service]',
    ...(canNotify ? ['Type=notify', '# systemd-notify is a process of its own.', 'NotifyAccess=all'] : ['Type=exec']),
    `ExecStart=${program} run${using}`,
    '# Fails if the new configuration is refused; the agent then keeps the one it has.',
    `ExecReload=${program} reload${using}`,
    ...RUNNING,
    ...(watchesDocker
      ? ['# Containers are watched; the group docker can do what root can.', 'SupplementaryGroups=docker']
      : []),
    '',
    ...HARDENING,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`;
}

const UNIT = [
  '[Unit]',
  'Description=healthd, health monitoring and alerting',
  'Wants=network-online.target',
  'After=network-online.target time-sync.target',
];

const RUNNING = [
  'Restart=on-failure',
  'RestartSec=5',
  'TimeoutStopSec=30',
  `User=${SERVICE_USER}`,
  'StateDirectory=healthd',
  'StateDirectoryMode=0750',
  '# Secrets as NAME=value, for ${env:NAME} in the configuration. Read by systemd as root, so mode 0600 will do.',
  'EnvironmentFile=-/etc/healthd/environment',
  '# The log goes to stderr; metrics that an output prints are not for the journal.',
  'StandardOutput=null',
  'StandardError=journal',
];

/** Namespaces for /tmp or devices are left out: the agent watches the real ones. */
const HARDENING = [
  '# It reads all of the system and writes its state directory only.',
  'UMask=0027',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
];

/** For a command line of a unit: `%` and `$` are special, and so are blanks outside of quotes (systemd.service(5)). */
function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\]/.test(escaped) ? `"${escaped.replace(/["\\]/g, '\\$&')}"` : escaped;
}

/** Of `npm install --global` on Debian. */
export const EXAMPLE_UNIT: UnitOptions = {
  command: ['/usr/bin/node', '/usr/lib/node_modules/healthd/dist/cli.js'],
  canNotify: true,
  watchesDocker: false,
};
