import { globs, headerText, z } from '../../plugin/index.ts';
import { checkCredentials, contentEncoding, httpOptions, serviceUrl } from '../http-destination.ts';

import { isLabelName } from './streams.ts';

export const schema = z
  .strictObject({
    url: serviceUrl('http://localhost:3100')
      .default('http://localhost:3100')
      .describe('Address of Loki or of the gateway before it, without the path of the API'),
    labels: globs(['host', 'level', 'source', 'rule']).describe(
      'Globs of the tags that become labels of streams; each combination of their values is a stream',
    ),
    static_labels: z
      .record(z.string().refine(isLabelName, 'is not a name of a label: letters, digits and "_"'), z.string().min(1))
      .default({ job: 'healthd' })
      .describe('Labels of every stream'),
    structured_metadata: z
      .boolean()
      .default(false)
      .describe('Other tags become structured metadata (Loki 3, schema v13) instead of a part of the line'),
    tenant: headerText().optional().describe('Tenant (X-Scope-OrgID), where Loki has several'),
    ...httpOptions,
    content_encoding: contentEncoding('gzip'),
  })
  .superRefine(checkCredentials);

export type Options = z.output<typeof schema>;
