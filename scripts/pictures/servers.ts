/** What the scene of the pictures takes from the support of tests. */
export { IMAGE, startDocker } from '../../test/support/docker.ts';
export { startInfluxd } from '../../test/support/influxd.ts';
