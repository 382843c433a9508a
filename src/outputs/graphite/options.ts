import { tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress } from '../socket-address.ts';

export const schema = z
  .strictObject({
    address: socketAddress({ tcp: 2003, tls: 2003 }).describe(
      'Server, as tcp://host:2003 or tls://host:2003; the default protocol is TCP',
    ),
    tls: tls()
      .prefault({})
      .describe(
        'TLS settings for tls://; by default, the server certificate is verified against the CAs of the system',
      ),
    prefix: z
      .string()
      .regex(/^[^\s.;][^\s;]*[^\s.;]$|^[^\s.;]$/, 'must not contain blanks or semicolons, nor begin or end with a dot')
      .optional()
      .describe('Prefix of all names, such as servers.production'),
    template: z
      .string()
      .regex(/^[^\s.;]+(?:\.[^\s.;]+)*$/, 'must be words separated by dots, such as host.tags.measurement.field')
      .refine(
        (template) => template.split('.').includes('field'),
        'must contain field; otherwise all fields have the same name',
      )
      .default('host.tags.measurement.field')
      .describe('Template of names: host, measurement, field, tags (all tags that are not named) or the key of a tag'),
    graphite_tag_support: z
      .boolean()
      .default(false)
      .describe('Sends tags as Graphite tags (since 1.1); names are then measurement.field'),
  })
  .superRefine(refuseUnusedTls);

export type Options = z.output<typeof schema>;
