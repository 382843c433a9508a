import { z } from '../../plugin/index.ts';
import { checkCredentials, httpOptions, httpUrl } from '../http-destination.ts';

export const schema = z
  .strictObject({
    url: httpUrl()
      .meta({ examples: ['http://localhost:9090/api/v1/write'] })
      .describe('URL of the remote write endpoint, including the path'),
    ...httpOptions,
    metadata: z.boolean().default(true).describe('Sends type, help and unit of each new metric'),
  })
  .superRefine(checkCredentials);

export type Options = z.output<typeof schema>;
