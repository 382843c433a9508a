import {
  defineNotifier,
  describeError,
  oneLine,
  PermanentError,
  RetryableError,
  TargetError,
  truncate,
  z,
  type Command,
} from '../../plugin/index.ts';

/** What a program may write to standard output, in bytes; nobody reads it. */
const MAX_OUTPUT = 64 * 1024;
const MAX_QUOTE = 200;

/** Codes of `sysexits.h`. */
const EX_DATAERR = 65;
const EX_CONFIG = 78;

export const exec = defineNotifier({
  name: 'exec',
  summary: 'A program of yours, which gets the notification as JSON on its standard input',
  config: z.strictObject({
    command: z
      .array(z.string(), {
        error: ({ input }) =>
          typeof input === 'string'
            ? 'a command is a list of program and arguments; for shell text write ["sh", "-c", "…"]'
            : undefined,
      })
      .refine(([program]) => program !== undefined && program !== '', 'a command starts with a program')
      .describe('Program and arguments; no shell is involved')
      .meta({ examples: [['/usr/local/bin/on-alert']] }),
    environment: z
      .record(z.string().regex(/^[^=]+$/), z.string())
      .default({})
      .describe('Further environment variables'),
  }),
  create({ command, environment }, { run }) {
    return {
      async notify(notification, signal) {
        const { id, level, status, receiver } = notification;
        const variables = {
          HEALTHD_ID: id,
          HEALTHD_LEVEL: level,
          HEALTHD_STATUS: status,
          HEALTHD_RECEIVER: receiver,
          ...environment,
        };
        const input = `${JSON.stringify(notification)}\n`;
        const options = { input, environment: variables, maxOutput: MAX_OUTPUT };
        const { failure, code, stderr } = await run(command as unknown as Command, options, signal).catch(
          (error: unknown) => {
            // It is not there, or may not be run, which waiting does not change.
            const isMissing = error instanceof Error && isStartFailure(error.cause);
            throw isMissing ? new TargetError(describeError(error)) : error;
          },
        );
        if (failure === undefined) return;
        const said = truncate(oneLine(stderr.toString('utf8')), MAX_QUOTE);
        const text = `${command[0] ?? ''} ${failure}${said === '' ? '' : `: ${said}`}`;
        if (code === EX_DATAERR) throw new PermanentError(text);
        throw code === EX_CONFIG ? new TargetError(text) : new RetryableError(text);
      },
    };
  },
});

function isStartFailure(cause: unknown): boolean {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return code === 'ENOENT' || code === 'EACCES' || code === 'ENOEXEC';
}
