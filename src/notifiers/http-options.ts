/** Options that are common to all notifiers over HTTP. */
import { proxy, tls } from '../plugin/index.ts';

export const httpOptions = {
  proxy: proxy(),
  tls: tls()
    .prefault({})
    .describe('TLS settings; by default, server certificates are verified against the CAs of the system'),
};
