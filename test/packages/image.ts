/** The image, built and run by a real dockerd. */
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { startDocker } from '../support/servers/docker.ts';
import { waitFor } from '../support/servers/real-server.ts';
import { expectLive } from './live.ts';
import { packageTest, ROOT, type Workshop } from './workshop.ts';

export function imageTests(workshop: Workshop): void {
  packageTest('image: it works with a read-only root, as an unprivileged user, and knows its health', async () => {
    const server = await startDocker({ data: join(workshop.memory, 'docker'), storageDriver: 'overlay2' });
    const { docker } = server;
    try {
      const archive = join(workshop.memory, 'debian.tar');
      execFileSync('tar', ['-C', workshop.debian(), '-cf', archive, '.']);
      await docker('import', archive, 'debian:bookworm-slim');
      const context = workshop.readable('image');
      copyFileSync(workshop.artefact('.deb'), join(context, 'healthd.deb'));
      const recipe = join(ROOT, 'packaging/image/Dockerfile');
      await docker('build', '--network', 'none', '--file', recipe, '--tag', 'healthd', context);
      expect(await docker('image', 'inspect', '--format', '{{.Config.User}}', 'healthd')).toBe('healthd');

      const outside = workshop.readable('image-live');
      const options = ['--detach', '--read-only', '--network', 'host', '--volume', `${outside}:/srv:ro`];
      await docker('run', ...options, '--name', 'agent', '--entrypoint', 'sleep', 'healthd', 'infinity');
      await expectLive({
        command: ['docker', '--host', server.endpoint, 'exec', 'agent', 'healthd'],
        outside,
        inside: '/srv',
        state: '/var/lib/healthd',
      });
      await docker('rm', '--force', 'agent');
      await docker('run', ...options, '--name', 'default', '--health-interval', '1s', 'healthd');
      const isHealthy = async () => (await docker('inspect', '--format', '{{.State.Health.Status}}', 'default')) === 'healthy'; // prettier-ignore
      await waitFor(isHealthy, { timeout: 60_000, interval: 200, what: 'The health of the container' });
    } finally {
      await server.stop();
    }
  });
}
