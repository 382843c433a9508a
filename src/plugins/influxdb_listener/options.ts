import { bytes, globs, listen, serverTls, z } from '../../plugin/index.ts';
import { checkUser } from '../http-listener.ts';

export const schema = z
  .strictObject({
    listen: listen('127.0.0.1:8186'),
    token: z.string().min(1).meta({ secret: true }).optional().describe('Token that clients must send'),
    username: z.string().min(1).optional().describe('User name that clients must send instead of a token'),
    password: z.string().min(1).meta({ secret: true }).optional().describe('Password for that user'),
    databases: globs(['*']).describe('Globs of the databases or buckets that clients may write to'),
    database_tag: z.string().optional().describe('Tag that gets the database or bucket of the request; default: none'),
    retention_policy_tag: z
      .string()
      .optional()
      .describe('Tag that gets the retention policy of the request; default: none'),
    max_body_size: bytes('32MiB').describe('Maximum size of a request, both as sent and inflated'),
    tls: serverTls().optional().describe('Certificate and key; serves HTTPS instead of HTTP'),
  })
  .superRefine(checkUser);

export type Options = z.output<typeof schema>;
