/** `healthd service` with a real systemd. */
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { waitFor } from '../support/servers/real-server.ts';
import { startSystemd, systemdTest } from '../support/servers/systemd.ts';

const CLI = 'node /opt/healthd/dist/cli.js';

systemdTest(
  'U-001, U-004: installed, ready, reloaded, restarted after a crash, stopped and removed by a real systemd',
  async () => {
    const systemd = await startSystemd(join(import.meta.dirname, '../..'), '/opt/healthd');
    const run = (command: string) => {
      const { code, output } = systemd.run(command);
      if (code !== 0) throw new Error(`${command}: exit code ${String(code)}\n${output}\n${systemd.run('journalctl -u healthd -n 40 --no-pager').output}`); // prettier-ignore
      return output;
    };
    const mainPid = () => run('systemctl show -p MainPID --value healthd').trim();
    try {
      // As root obeys only its own files, and the clone may belong to somebody else, only the configuration is read.
      run(`mkdir -p /etc/healthd && ${CLI} init /etc/healthd/healthd.yaml`);
      expect(run(`${CLI} service install`)).toContain('healthd runs, and starts at each boot');
      // `restart` has waited for the notification, so it is ready at once.
      expect(run('systemctl show -p Type,ActiveState,NRestarts healthd')).toBe('Type=notify\nNRestarts=0\nActiveState=active\n'); // prettier-ignore
      expect(run('ps -o user= -p $(systemctl show -p MainPID --value healthd)').trim()).toBe('healthd');
      expect(run('stat -c "%U %G %a" /var/lib/healthd /etc/healthd/healthd.yaml')).toBe('healthd healthd 750\nroot healthd 640\n'); // prettier-ignore
      expect(run(`${CLI} service status`)).toMatch(/Runs: active\nAt boot: enabled/);

      run('sed -i "s/  - swap//" /etc/healthd/healthd.yaml && systemctl reload healthd');
      expect(run('journalctl -u healthd --no-pager')).toMatch(/Reloaded changed=inputs stopped=swap/);
      run('cp /etc/healthd/healthd.yaml /tmp/right && sed -i "s/  - cpu/  - cpuu/" /etc/healthd/healthd.yaml');
      expect(systemd.run('systemctl reload healthd').code).toBe(1);
      expect(run('journalctl -u healthd --no-pager')).toContain('did you mean "cpu"?');
      run('cat /tmp/right > /etc/healthd/healthd.yaml');

      const before = mainPid();
      run(`kill -9 ${before}`);
      await waitFor(() => !['0', before].includes(mainPid()), { timeout: 60_000 });
      await waitFor(() => run('systemctl show -p ActiveState --value healthd').trim() === 'active', {
        timeout: 30_000,
      });

      expect(run(`${CLI} stop`)).toMatch(/^Stopped process \d+$/m);
      await waitFor(() => systemd.run('systemctl is-active healthd').output.trim() === 'inactive', { timeout: 30_000 });
      expect(run(`${CLI} service start`)).toBe('Started\n');
      expect(run(`${CLI} service status`)).toMatch(/Runs: active/);
      expect(run(`${CLI} service stop`)).toBe('Stopped, until the next boot\n');
      expect(systemd.run(`${CLI} service status`)).toMatchObject({ code: 3 });
      expect(run(`${CLI} service uninstall`)).toContain('The service is removed');
      expect(systemd.run(`${CLI} service status`)).toMatchObject({ code: 3 });
      expect(systemd.run(`${CLI} service start`)).toMatchObject({
        code: 2,
        output: expect.stringContaining('not installed'),
      });

      run('touch /usr/lib/systemd/system/healthd.service');
      expect(systemd.run(`${CLI} service install`)).toMatchObject({ code: 2, output: expect.stringContaining('A package has installed') }); // prettier-ignore
    } finally {
      await systemd.stop();
    }
  },
);
