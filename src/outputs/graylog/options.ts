import { bytes, headers, proxy, tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress } from '../socket-address.ts';

export const COMPRESSIONS = ['gzip', 'zlib', 'none'] as const;

const PORT = 12_201;

export interface HttpAddress {
  readonly protocol: 'http' | 'https';
  readonly url: string;
}

const NO_ADDRESS = `is not an address; use tcp://host:${PORT}, tls://, udp:// or http://host:${PORT}/gelf`;

const httpAddress = z
  .string()
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), NO_ADDRESS)
  .transform((text): HttpAddress => {
    const url = new URL(text);
    if (url.pathname === '/') url.pathname = '/gelf';
    return { protocol: url.protocol === 'https:' ? 'https' : 'http', url: url.href };
  });

const address = z
  .union([httpAddress, socketAddress({ tcp: PORT, tls: PORT, udp: PORT })], { error: NO_ADDRESS })
  .meta({ examples: [`tcp://localhost:${PORT}`] });

export const schema = z
  .strictObject({
    address: address.describe(
      'GELF input, as tcp://host:12201, tls://, udp:// or http(s)://host:12201/gelf; the default protocol is TCP',
    ),
    tls: tls()
      .prefault({})
      .describe(
        'TLS settings for tls:// and https://; by default, the server certificate is verified against the CAs of the system',
      ),
    proxy: proxy(),
    compression: z.enum(COMPRESSIONS).default('gzip').describe('Compression of messages over UDP'),
    chunk_size: bytes('1420')
      .refine((size) => size >= 256 && size <= 65_507, 'must be between 256 and 65507 bytes')
      .describe('Maximum size of a UDP datagram; 8192 is common within a data center'),
    headers: headers().describe(
      'Additional HTTP headers for every request, such as the authorization header of the input',
    ),
  })
  .superRefine(refuseUnusedTls);

export type Options = z.output<typeof schema>;
