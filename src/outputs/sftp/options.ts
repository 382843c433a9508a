import { bytes, duration, FORMATS, TIMESTAMP_UNITS, z } from '../../plugin/index.ts';

const fingerprint = z
  .string()
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    'must have the form SHA256:…; "ssh-keyscan <host> | ssh-keygen -lf -" prints it',
  );

const rotate = z
  .strictObject({
    size: bytes('10MiB').describe('Finishes a file before it exceeds this size'),
    age: duration('1h').describe('Finishes a file when it reaches this age'),
    gzip: z.boolean().default(true).describe('Compresses finished files'),
  })
  .prefault({});

const retention = z
  .strictObject({
    age: duration()
      .optional()
      .describe("Removes this host's files from the server when they are older than this, e.g. 90d"),
    keep: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("Maximum number of this host's files on the server; the oldest are removed"),
  })
  .optional();

export const schema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .describe('Host name or address of the server')
      .meta({ examples: ['archive.example.org'] }),
    port: z.number().int().min(1).max(65_535).default(22).describe('Port of the server'),
    username: z
      .string()
      .min(1)
      .describe('User name for the login')
      .meta({ examples: ['healthd'] }),
    password: z.string().min(1).optional().describe('Password for that user').meta({ secret: true }),
    private_key: z
      .string()
      .min(1)
      .optional()
      .describe('Path of the private key (OpenSSH or PEM), instead of a password')
      .meta({ examples: ['/etc/healthd/archive_key'] }),
    passphrase: z.string().optional().describe('Passphrase of the private key').meta({ secret: true }),
    host_key: z
      .array(fingerprint)
      .min(1)
      .optional()
      .describe('Accepted fingerprints (SHA256:…) of the host key')
      .meta({ examples: [['SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDTJyvn6GVUm4Wx4RE']] }),
    known_hosts: z
      .string()
      .min(1)
      .optional()
      .describe('Path of a file in the format of ~/.ssh/known_hosts, instead of host_key'),
    insecure_skip_host_key_check: z
      .boolean()
      .default(false)
      .describe('Accepts any host key; an attacker on the path can then read and withhold the data'),
    remote_path: z
      .string()
      .min(1)
      .describe('Folder on the server; created if it is missing')
      .meta({ examples: ['metrics'] }),
    local_path: z
      .string()
      .min(1)
      .describe('Local folder for files that are not uploaded yet, used by this output alone; created if it is missing')
      .meta({ examples: ['/var/lib/healthd/sftp'] }),
    format: z
      .enum(FORMATS)
      .default('influx')
      .describe('influx: line protocol; json: one object per line; csv: one row per field'),
    timestamp_units: z
      .enum(TIMESTAMP_UNITS)
      .default('1s')
      .describe('Precision of timestamps in json and csv; influx is always in nanoseconds'),
    rotate: rotate.describe('When a file is finished and can be uploaded'),
    upload_interval: duration('5m').describe('Interval between uploads of finished files'),
    upload_timeout: duration('10m').describe('Timeout for uploading one file; the next attempt resumes it'),
    connect_timeout: duration('20s').describe('Timeout for connecting and logging in'),
    max_local_bytes: bytes('1GiB').describe(
      'Maximum size of local_path; when it is full, new batches stay in the journal',
    ),
    remote_retention: retention.describe('Retention of uploaded files on the server; default: kept forever'),
  })
  .refine(({ password, private_key }) => password !== undefined || private_key !== undefined, {
    error: 'is missing; set private_key or password',
    path: ['private_key'],
  })
  .refine(
    ({ host_key, known_hosts, insecure_skip_host_key_check: skip }) =>
      [host_key !== undefined, known_hosts !== undefined, skip].filter(Boolean).length === 1,
    { error: 'set either host_key or known_hosts, so that the server can be verified', path: ['host_key'] },
  )
  .refine(({ rotate, max_local_bytes }) => max_local_bytes >= 2 * rotate.size, {
    error: 'must be at least twice rotate.size',
    path: ['max_local_bytes'],
  });

export type Options = z.output<typeof schema>;
