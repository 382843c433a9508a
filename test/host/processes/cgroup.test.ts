import { describe, expect, test } from '@jest/globals';

import { unitOf } from '../../../src/host/processes/cgroup.ts';
import { parsePasswd } from '../../../src/host/processes/user-names.ts';

const ID = 'c0ffee'.repeat(10) + 'abcd';
const OTHER = 'deadbeef'.repeat(8);
const names = (id: string) => (id === ID ? 'orders-api' : undefined);

describe('a process belongs to', () => {
  test.each([
    ['/', ''],
    ['/init.scope', ''],
    ['/system.slice/nginx.service', 'nginx.service'],
    ['/system.slice/system-postgresql.slice/postgresql@16-main.service', 'postgresql@16-main.service'],
    ['/system.slice/system-getty.slice/getty@tty1.service/init.scope', 'getty@tty1.service'],
    ['/system.slice/dev-disk\\x2dby.mount', 'dev-disk-by.mount'],
    ['/user.slice/user-1000.slice/session-3.scope', 'session 3'],
    ['/user.slice/user-1000.slice/session-c2.scope', 'session c2'],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'user@1000.service'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service', 'syncthing.service'],
    ['/user.slice/user-1000.slice/user@1000.service/tmux-spawn-1.scope', 'tmux-spawn-1.scope'],
    ['/user.slice', ''],
    [`/docker/${ID}`, 'orders-api'],
    [`/docker/${OTHER}`, 'deadbeefdead'],
    [`/system.slice/docker-${OTHER}.scope`, 'deadbeefdead'],
    [`/system.slice/docker-${ID}.scope/system.slice/nginx.service`, 'orders-api'],
    [`/machine.slice/libpod-${OTHER}.scope/container`, 'deadbeefdead'],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, 'orders-api'],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-${OTHER}.scope`,
      'deadbeefdead',
    ],
    [`/kubepods/besteffort/pod3f5c/${OTHER}`, 'deadbeefdead'],
    [`/docker/${ID}/kubepods/pod1/${OTHER}`, 'orders-api'],
    ['/lxc/web1/system.slice/nginx.service', 'web1'],
    ['/lxc.payload.web2/init.scope', 'web2'],
    ['/machine.slice/machine-deb.scope/payload', 'deb'],
    [`/system.slice/${'x'.repeat(300)}.service`, `${'x'.repeat(99)}…`],
    [`/x-${'a'.repeat(65)}`, ''],
  ])('%s', (path, unit) => {
    expect(unitOf(`0::${path}\n`, names)).toBe(unit);
  });

  test('a unit or container by version 1, too', () => {
    const hybrid = `9:memory:/x\n1:name=systemd:/system.slice/cron.service\n0::/\n`;
    expect(unitOf(hybrid)).toBe('cron.service');
    expect(unitOf(`12:pids:/docker/${ID}\n1:name=systemd:/\n`, names)).toBe('orders-api');
  });

  test('nothing, if the text is something else', () => {
    expect(unitOf('')).toBe('');
    expect(unitOf('\0\0 nonsense :: /')).toBe('');
  });
});

test('users have the first name of their number', () => {
  const text = 'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+::::::\n:x:5:\nbad:x:-1:\nwww:x:33:33::/:\n';
  expect([...parsePasswd(text)]).toEqual([
    [0, 'root'],
    [33, 'www'],
  ]);
});
