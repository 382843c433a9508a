import { defineInput } from '../../plugin/index.ts';

import { Collector } from './collector.ts';
import { metrics } from './metrics.ts';
import { options } from './options.ts';

/** Containers of Docker or Podman. Source: the Docker Engine API, 1.41; measurements are Telegraf's. */
export const docker = defineInput({
  name: 'docker',
  summary:
    'Docker and Podman containers: state, health, CPU, memory, network and block I/O; state changes are reported at once',
  config: options,
  metrics,
  create: (config, context) => {
    const collector = new Collector(config, context);
    return {
      gather: (acc, signal) => collector.gather(acc, signal),
      run: (acc, signal) => collector.run(acc, signal),
      explain: (tags, signal) => collector.explain(tags, signal),
      stop: () => collector.stop(),
    };
  },
});
