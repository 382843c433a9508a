/** What the scene of the pictures takes from the support of tests. */
export { IMAGE, startDocker } from '../../test/support/servers/docker.ts';
export { startInfluxd } from '../../test/support/servers/influxd.ts';
