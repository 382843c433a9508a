/** Schemas for options that many plugins share, so that a duration is written the same way everywhere. */
import { parseBytes } from '../core/bytes.ts';
import { parseDuration } from '../core/duration.ts';
import { parseListen, type ListenAddress } from '../core/listen-address.ts';

import { z } from './schema.ts';

const durationText = () =>
  z
    .string()
    .transform((text, context) => read(parseDuration, text, context))
    .meta({ format: 'duration' });

const bytesText = () =>
  z
    .union([z.string(), z.number().int().nonnegative()])
    .transform((value, context) => (typeof value === 'number' ? value : read(parseBytes, value, context)))
    .meta({ format: 'bytes' });

type DurationSchema = ReturnType<typeof durationText>;
type BytesSchema = ReturnType<typeof bytesText>;

/**
 * A duration such as `10s`; milliseconds after parsing.
 *
 * @param fallback the default, as text; `.default('10s')` would not be parsed
 */
export function duration(): DurationSchema;
export function duration(fallback: string): z.ZodPrefault<DurationSchema>;
export function duration(fallback?: string): DurationSchema | z.ZodPrefault<DurationSchema> {
  return fallback === undefined ? durationText() : durationText().prefault(fallback);
}

/**
 * A size such as `50MiB` or a number of bytes; bytes after parsing.
 *
 * @param fallback the default, as text; `.default('50MiB')` would not be parsed
 */
export function bytes(): BytesSchema;
export function bytes(fallback: string): z.ZodPrefault<BytesSchema>;
export function bytes(fallback?: string): BytesSchema | z.ZodPrefault<BytesSchema> {
  return fallback === undefined ? bytesText() : bytesText().prefault(fallback);
}

/** A list of glob patterns: `*`, `?`, `[a-z]` and `{a,b}`. */
export function globs(fallback: readonly string[] = []) {
  return z.array(z.string().min(1)).default([...fallback]);
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A value of an HTTP header (RFC 9110, 5.5); a request with any other text would fail. */
export function headerText() {
  return z.string().min(1).regex(HEADER_VALUE, 'has characters that an HTTP header cannot contain');
}

/** HTTP headers, name → value. Secret, since most of them are credentials. */
export function headers() {
  return z
    .record(z.string().regex(HEADER_NAME, 'is not a valid name of an HTTP header'), headerText())
    .meta({ secret: true })
    .default({});
}

/** TLS certificates; `PluginContext.readTls` reads the files. */
export function tls() {
  return z
    .strictObject({
      ca: z.string().optional().describe('File of trusted certificates (PEM), instead of those of the system'),
      cert: z.string().optional().describe('File of the client certificate (PEM), for servers that require one'),
      key: z.string().optional().describe('File of the private key of cert (PEM)'),
      server_name: z
        .string()
        .min(1)
        .optional()
        .describe('Name that the server certificate must have, and SNI, instead of the host of the address'),
      insecure_skip_verify: z
        .boolean()
        .default(false)
        .describe('Accepts any certificate; the data can then be read and changed in transit'),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'give cert and key together');
}

export type TlsOptions = z.output<ReturnType<typeof tls>>;

/**
 * Address of a server, `host:port`; parsed.
 *
 * @param fallback the default, as text, on a loopback address
 */
export function listen(fallback: string) {
  return z
    .string()
    .transform((text, context): ListenAddress => {
      const address = parseListen(text);
      if (address !== undefined) return address;
      const message = `must be host:port, such as ${fallback}, or :${fallback.replace(/^.*:/, '')} for all addresses`;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    })
    .prefault(fallback)
    .describe('Address to listen on, host:port; without host, on all addresses of this host');
}

/** Certificate and key of a server; `PluginContext.readTls` reads the files. */
export function serverTls() {
  return z
    .strictObject({
      cert: z.string().min(1).describe('Path of the server certificate (PEM)'),
      key: z.string().min(1).describe('Path of its private key (PEM)'),
      ca: z
        .string()
        .min(1)
        .optional()
        .describe('Path of CA certificates (PEM); clients must then present a certificate signed by one of them'),
    })
    .transform((files) => ({ ...files, insecure_skip_verify: false }));
}

/** HTTP proxy of one plugin; for `HttpTarget.proxy`. */
export function proxy() {
  return z
    .string()
    .refine(isProxy, 'must be off, or the URL of an HTTP proxy such as http://proxy.example.org:3128')
    .optional()
    .describe(
      'HTTP proxy, such as http://user:password@host:3128, or off; default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
    );
}

function isProxy(text: string): boolean {
  return text === 'off' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
}

function read(parse: (text: string) => number, text: string, context: z.core.$RefinementCtx): number {
  try {
    return parse(text);
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as Error).message, input: text });
    return z.NEVER;
  }
}

/** Source of an input's data: `native` reads /proc and /sys, `portable` asks Windows, or the package systeminformation elsewhere. */
export type Provider = 'auto' | 'native' | 'portable';

export function provider() {
  return z
    .enum(['auto', 'native', 'portable'])
    .default('auto')
    .describe(
      'native reads /proc and /sys; portable asks Windows, or systeminformation elsewhere; auto: native on Linux, portable elsewhere',
    );
}

export function isPortable(choice: Provider, platform: NodeJS.Platform): boolean {
  return choice === 'portable' || (choice === 'auto' && platform !== 'linux');
}

/** Whether an input asks Node and the Windows reader. */
export function asksWindows(choice: Provider, platform: NodeJS.Platform): boolean {
  return platform === 'win32' && isPortable(choice, platform);
}
