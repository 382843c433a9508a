import { bytes, duration, FORMATS, TIMESTAMP_UNITS, z } from '../../plugin/index.ts';

const fingerprint = z
  .string()
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    'is not of the form SHA256:…; "ssh-keyscan <host> | ssh-keygen -lf -" prints it',
  );

const rotate = z
  .strictObject({
    size: bytes('10MiB').describe('Begins a new file before this one would grow beyond the size'),
    age: duration('1h').describe('Begins a new file when this one is older'),
    gzip: z.boolean().default(true).describe('Compresses finished files'),
  })
  .prefault({});

const retention = z
  .strictObject({
    age: duration().optional().describe('Removes files of this host on the server that are older, e.g. 90d'),
    keep: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Most files of this host on the server; older ones are removed'),
  })
  .optional();

export const schema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .describe('Name or address of the server')
      .meta({ examples: ['archive.example.org'] }),
    port: z.number().int().min(1).max(65_535).default(22).describe('Its port'),
    username: z
      .string()
      .min(1)
      .describe('Who logs in')
      .meta({ examples: ['healthd'] }),
    password: z.string().min(1).optional().describe('Password of that user').meta({ secret: true }),
    private_key: z
      .string()
      .min(1)
      .optional()
      .describe('File of the private key (OpenSSH or PEM), instead of a password')
      .meta({ examples: ['/etc/healthd/archive_key'] }),
    passphrase: z.string().optional().describe('Passphrase of the private key').meta({ secret: true }),
    host_key: z
      .array(fingerprint)
      .min(1)
      .optional()
      .describe('Fingerprints (SHA256:…) of which the key of the server must be one')
      .meta({ examples: [['SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDTJyvn6GVUm4Wx4RE']] }),
    known_hosts: z.string().min(1).optional().describe('File in the form of ~/.ssh/known_hosts, instead of host_key'),
    insecure_skip_host_key_check: z
      .boolean()
      .default(false)
      .describe('Takes any server for the right one; whoever is on the way can then read and keep the data'),
    remote_path: z
      .string()
      .min(1)
      .describe('Folder on the server; made if it is missing')
      .meta({ examples: ['metrics'] }),
    local_path: z
      .string()
      .min(1)
      .describe('Folder of its own for files that are not uploaded yet; made if it is missing')
      .meta({ examples: ['/var/lib/healthd/sftp'] }),
    format: z.enum(FORMATS).default('influx').describe('influx, json (one object a line) or csv (one row a field)'),
    timestamp_units: z
      .enum(TIMESTAMP_UNITS)
      .default('1s')
      .describe('Precision of times in json and csv; influx always has nanoseconds'),
    rotate: rotate.describe('When a file is finished, so that it can be uploaded'),
    upload_interval: duration('5m').describe('How often finished files are uploaded'),
    upload_timeout: duration('10m').describe('Longest time for one file; the next turn continues where it was'),
    connect_timeout: duration('20s').describe('Longest time until the server has let us in'),
    max_local_bytes: bytes('1GiB').describe('Most bytes in local_path; then the journal of the agent keeps what comes'),
    remote_retention: retention.describe('Which uploaded files are removed again from the server; default: none'),
  })
  .refine(({ password, private_key }) => password !== undefined || private_key !== undefined, {
    error: 'is missing; give it, or password, to log in',
    path: ['private_key'],
  })
  .refine(
    ({ host_key, known_hosts, insecure_skip_host_key_check: skip }) =>
      [host_key !== undefined, known_hosts !== undefined, skip].filter(Boolean).length === 1,
    { error: 'say how the server is known: give either host_key or known_hosts', path: ['host_key'] },
  )
  .refine(({ rotate, max_local_bytes }) => max_local_bytes >= 2 * rotate.size, {
    error: 'must be at least twice rotate.size',
    path: ['max_local_bytes'],
  });

export type Options = z.output<typeof schema>;
