import { probeEngine, type ContainerEngine } from '../discovery.ts';
import { fine, problem, warning, type Check, type DoctorFinding, type Patient } from './finding.ts';

/** The sockets of configured inputs `docker`; without one, that of an engine that is there and cannot be used. */
export const checkDocker: Check = async (patient) => {
  const { config, discovery } = patient;
  const endpoints = (config?.inputs ?? [])
    .filter(({ plugin }) => plugin.name === 'docker')
    .map(({ options }) => (options as { readonly endpoint: string }).endpoint);
  if (endpoints.length === 0) return unwatched(discovery.engine, patient);
  const found = endpoints.map(async (endpoint) => {
    const path = /^(?:unix|npipe):\/\/(.*)$/.exec(endpoint)?.[1];
    return path === undefined ? [] : [findingOf(path, (await probeEngine(path)) ?? 'missing', patient)];
  });
  return (await Promise.all(found)).flat();
};

function unwatched(engine: ContainerEngine | undefined, { user }: Patient): readonly DoctorFinding[] {
  if (engine?.access !== 'forbidden') return [];
  const path = engine.endpoint.replace(/^unix:\/\//, '');
  return [warning(`${engine.name}: not watched, since ${user.name} may not open ${path}`, rights(path, user.name))];
}

function findingOf(path: string, access: ContainerEngine['access'] | 'missing', { user }: Patient): DoctorFinding {
  switch (access) {
    case 'open':
      return fine(`Docker: ${path} answers`);
    case 'forbidden':
      return problem(`Docker: ${user.name} may not open ${path}`, rights(path, user.name));
    case 'silent':
      return problem(`Docker: nothing answers at ${path}`, 'sudo systemctl start docker');
    case 'missing':
      return problem(`Docker: there is no ${path}`, 'start Docker, or remove the input docker');
  }
}

function rights(path: string, user: string): string {
  return path.endsWith('docker.sock') && path.startsWith('/var/run/')
    ? `sudo usermod -aG docker ${user}`
    : `sudo setfacl -m u:${user}:rw ${path}`;
}
