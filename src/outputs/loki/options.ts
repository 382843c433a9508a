import { globs, headerText, z } from '../../plugin/index.ts';
import { checkCredentials, contentEncoding, httpOptions, serviceUrl } from '../http-destination.ts';

import { isLabelName } from './streams.ts';

export const schema = z
  .strictObject({
    url: serviceUrl('http://localhost:3100')
      .default('http://localhost:3100')
      .describe('Base URL of Loki or of the gateway in front of it, without the API path'),
    labels: globs(['host', 'level', 'source', 'rule']).describe(
      'Globs for tags that become stream labels; each combination of their values is a stream',
    ),
    static_labels: z
      .record(z.string().refine(isLabelName, 'is not a label name: use letters, digits and "_"'), z.string().min(1))
      .default({ job: 'healthd' })
      .describe('Labels added to every stream'),
    structured_metadata: z
      .boolean()
      .default(false)
      .describe('Sends other tags as structured metadata (Loki 3, schema v13) instead of in the line'),
    tenant: headerText().optional().describe('Tenant (X-Scope-OrgID) of a multi-tenant Loki'),
    ...httpOptions,
    content_encoding: contentEncoding('gzip'),
  })
  .superRefine(checkCredentials);

export type Options = z.output<typeof schema>;
