import { bytes, globs, listen, serverTls, z } from '../../plugin/index.ts';
import { checkUser } from '../http-listener.ts';

export const schema = z
  .strictObject({
    listen: listen('127.0.0.1:4318'),
    bearer_token: z.string().min(1).meta({ secret: true }).optional().describe('Token that clients must send'),
    username: z.string().min(1).optional().describe('User name that clients must send instead of a token'),
    password: z.string().min(1).meta({ secret: true }).optional().describe('Password for that user'),
    log_tags: globs(['service.name']).describe(
      'Globs of the attributes of log records that become tags; the others are in the field attributes',
    ),
    max_body_size: bytes('8MiB').describe('Maximum size of a request, both as sent and inflated'),
    max_points: z
      .number()
      .int()
      .positive()
      .default(100_000)
      .describe('Maximum number of data points or log records in a request'),
    tls: serverTls().optional().describe('Certificate and key; serves HTTPS instead of HTTP'),
  })
  .superRefine(checkUser);

export type Options = z.output<typeof schema>;
