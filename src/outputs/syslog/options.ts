import { bytes, tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress } from '../socket-address.ts';

/** In the order of their codes (RFC 5424, 6.2.1). */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** Name → code (RFC 5424, 6.2.1). 12 to 15 have no common names. */
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

/** Every receiver must accept 480 bytes (RFC 5426, 3.2). */
const MIN_BYTES = 480;
/** Maximum payload of UDP over IPv4. */
const MAX_DATAGRAM_BYTES = 65_507;

export const schema = z
  .strictObject({
    address: socketAddress({ tcp: 514, tls: 6514, udp: 514 }).describe(
      'Server, as tcp://host:514, tls://host:6514 or udp://host:514; the default protocol is TCP',
    ),
    tls: tls()
      .prefault({})
      .describe(
        'TLS settings for tls://; by default, the server certificate is verified against the CAs of the system',
      ),
    framing: z
      .enum(['octet-counting', 'non-transparent'])
      .default('octet-counting')
      .describe(
        'Framing on TCP and TLS: a length before each message (octet-counting) or a newline after it (non-transparent)',
      ),
    facility: z
      .enum(Object.keys(FACILITIES) as [Facility, ...Facility[]])
      .default('daemon')
      .describe('Syslog facility'),
    default_severity: z
      .enum(SEVERITIES)
      .default('notice')
      .describe('Severity of metrics and of log records without a valid severity_code'),
    app_name: z
      .string()
      .regex(/^[\x21-\x7e]{1,48}$/, 'must be 1 to 48 printable ASCII characters without blanks')
      .default('healthd')
      .describe('APP-NAME of the messages'),
    hostname: z
      .string()
      .min(1)
      .optional()
      .describe('HOSTNAME of metrics without the tag host; default: the name of this host'),
    structured_data_id: z
      .string()
      .max(32)
      .regex(/^[!#-<>?A-\\^-~]+@\d+(?:\.\d+)*$/, 'must be a name, @ and a number, such as healthd@32473')
      .default('healthd@32473')
      .describe('SD-ID for tags and fields: a name, @ and the private enterprise number of your organization'),
    byte_order_mark: z
      .boolean()
      .default(true)
      .describe(
        'Marks the text of log records as UTF-8 with a byte order mark, as RFC 5424 demands; some receivers show it',
      ),
    max_message: bytes()
      .refine((size) => size >= MIN_BYTES, `must be at least ${MIN_BYTES} bytes, the size that every receiver accepts`)
      .optional()
      .describe('Maximum size of a message; longer text is truncated. Default: 8KiB, or 2KiB with UDP'),
  })
  .superRefine((options, context) => {
    refuseUnusedTls(options, context);
    const { address, max_message: size = 0 } = options;
    if (address.protocol !== 'udp' || size <= MAX_DATAGRAM_BYTES) return;
    const message = `must be at most ${MAX_DATAGRAM_BYTES} bytes with udp://`;
    context.issues.push({ code: 'custom', path: ['max_message'], message, input: size });
  });

export type Options = z.output<typeof schema>;
