import { tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress } from '../socket-address.ts';

export const schema = z
  .strictObject({
    address: socketAddress({ tcp: 2003, tls: 2003 }).describe(
      'Server as tcp://host:2003 or tls://host:2003; without a protocol it is TCP',
    ),
    tls: tls().prefault({}).describe('Certificates for tls://; that of the server is verified against the system'),
    prefix: z
      .string()
      .regex(/^[^\s.;][^\s;]*[^\s.;]$|^[^\s.;]$/, 'must have no blanks or semicolons, and no dot at an end')
      .optional()
      .describe('What all names begin with, such as servers.production'),
    template: z
      .string()
      .regex(/^[^\s.;]+(?:\.[^\s.;]+)*$/, 'must be words with dots between them, such as host.tags.measurement.field')
      .refine((template) => template.split('.').includes('field'), 'must hold field, or the fields have one name')
      .default('host.tags.measurement.field')
      .describe('What names are made of: host, measurement, field, tags (all that are not named), or the key of a tag'),
    graphite_tag_support: z
      .boolean()
      .default(false)
      .describe('Sends tags as tags, which Graphite has since 1.1; names are then measurement.field'),
  })
  .superRefine(refuseUnusedTls);

export type Options = z.output<typeof schema>;
