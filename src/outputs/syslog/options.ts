import { bytes, tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress } from '../socket-address.ts';

/** In the order of their codes (RFC 5424, 6.2.1). */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** Name → code (RFC 5424, 6.2.1). 12 to 15 have no names that all systems agree on. */
export const FACILITIES = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

type Facility = keyof typeof FACILITIES;

/** Every receiver must take 480 bytes (RFC 5426, 3.2). */
const MIN_BYTES = 480;
/** UDP over IPv4 carries no more. */
const MAX_DATAGRAM_BYTES = 65_507;

export const schema = z
  .strictObject({
    address: socketAddress({ tcp: 514, tls: 6514, udp: 514 }).describe(
      'Server as tcp://host:514, tls://host:6514 or udp://host:514; without a protocol it is TCP',
    ),
    tls: tls().prefault({}).describe('Certificates for tls://; that of the server is verified against the system'),
    framing: z
      .enum(['octet-counting', 'non-transparent'])
      .default('octet-counting')
      .describe('How messages are told apart on tcp and tls: by a length before each, or by a newline after each'),
    facility: z
      .enum(Object.keys(FACILITIES) as [Facility, ...Facility[]])
      .default('daemon')
      .describe('Facility of all messages'),
    default_severity: z
      .enum(SEVERITIES)
      .default('notice')
      .describe('Severity of metrics, and of log records without a valid severity_code'),
    app_name: z
      .string()
      .regex(/^[\x21-\x7e]{1,48}$/, 'must be 1 to 48 characters of ASCII without blanks')
      .default('healthd')
      .describe('APP-NAME of all messages'),
    hostname: z
      .string()
      .min(1)
      .optional()
      .describe('HOSTNAME of metrics without the tag host; the name of this host if not given'),
    structured_data_id: z
      .string()
      .max(32)
      .regex(/^[!#-<>?A-\\^-~]+@\d+(?:\.\d+)*$/, 'must be a name, @ and a number, such as healthd@32473')
      .default('healthd@32473')
      .describe('SD-ID of the tags and fields: a name, @ and the private enterprise number of your organization'),
    max_message: bytes()
      .refine((size) => size >= MIN_BYTES, `must be at least ${MIN_BYTES} bytes, which every receiver takes`)
      .optional()
      .describe('Most bytes of one message, longer texts are cut; 8KiB if not given, with udp 2KiB'),
  })
  .superRefine((options, context) => {
    refuseUnusedTls(options, context);
    const { address, max_message: most = 0 } = options;
    if (address.protocol !== 'udp' || most <= MAX_DATAGRAM_BYTES) return;
    const message = `must be at most ${MAX_DATAGRAM_BYTES} bytes with udp://`;
    context.issues.push({ code: 'custom', path: ['max_message'], message, input: most });
  });

export type Options = z.output<typeof schema>;
