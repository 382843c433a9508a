import { compileGlobs, defineInput, globs, z } from '../../plugin/index.ts';

/** As `SERVICE_STATUS.dwCurrentState`; the names are those of WMI, which are not translated. */
const STATES: Readonly<Record<string, number>> = {
  Stopped: 1,
  'Start Pending': 2,
  'Stop Pending': 3,
  Running: 4,
  'Continue Pending': 5,
  'Pause Pending': 6,
  Paused: 7,
};

/** As `QUERY_SERVICE_CONFIG.dwStartType`. */
const STARTUP_MODES: Readonly<Record<string, number>> = { Boot: 0, System: 1, Auto: 2, Manual: 3, Disabled: 4 };

/** Windows services. Source: Win32_Service. */
export const winServices = defineInput({
  name: 'win_services',
  summary: 'State and startup mode of Windows services',
  config: z.strictObject({
    service_names: globs().describe('Globs of the names of services, such as MSSQL*; empty for all'),
    excluded_service_names: globs().describe('Globs of the names of services to exclude'),
  }),
  metrics: {
    win_services: {
      tags: { service_name: 'Name of the service', display_name: 'Name that Windows shows' },
      fields: {
        state: {
          type: 'int',
          help: '1 stopped, 2 start pending, 3 stop pending, 4 running, 5 continue pending, 6 pause pending, 7 paused',
        },
        startup_mode: { type: 'int', help: '0 boot, 1 system, 2 automatic, 3 manual, 4 disabled' },
      },
    },
  },
  create({ service_names: names, excluded_service_names: excluded }, { host, windows }) {
    const isWanted = names.length === 0 ? () => true : compileGlobs(names);
    const isExcluded = excluded.length === 0 ? () => false : compileGlobs(excluded);
    return {
      async gather(acc, signal) {
        if (host.platform !== 'win32')
          throw new Error(`The input win_services works on Windows only, not on ${host.platform}; remove it there`);
        const rows = (await windows.ask('services', {}, signal)) as readonly Readonly<Record<string, unknown>>[];
        for (const { Name: name, DisplayName: display, State: state, StartMode: mode } of rows) {
          if (typeof name !== 'string' || !isWanted(name) || isExcluded(name)) continue;
          const fields = { state: STATES[String(state)], startup_mode: STARTUP_MODES[String(mode)] };
          if (fields.state === undefined) acc.error(new Error(`Windows gave no state of the service ${name}`));
          const tags = { service_name: name, display_name: typeof display === 'string' ? display : undefined };
          acc.add('win_services', fields, tags);
        }
      },
    };
  },
});
