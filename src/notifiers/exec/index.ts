import {
  defineNotifier,
  describeError,
  oneLine,
  PermanentError,
  RetryableError,
  TargetError,
  titleOf,
  truncate,
  z,
} from '../../plugin/index.ts';

/** Limit of the program's standard output, which is ignored. Bytes. */
const MAX_OUTPUT = 64 * 1024;
const MAX_QUOTE = 200;

const NO_PROGRAM = 'has no program; the list must begin with one';

/** Exit codes of `sysexits.h`. */
const EX_DATAERR = 65;
const EX_CONFIG = 78;

export const exec = defineNotifier({
  name: 'exec',
  summary: 'A program of yours, with the notification as JSON on its standard input',
  maxAlerts: 100,
  config: z.strictObject({
    command: z
      .tuple(
        [z.string({ error: ({ input }) => (input === undefined ? NO_PROGRAM : undefined) })],
        z.string().meta({ private: true }),
        {
          error: ({ input }) =>
            typeof input === 'string'
              ? 'must be a list of program and arguments; for a shell command use ["sh", "-c", "…"], on Windows ["cmd", "/d", "/c", "…"]'
              : undefined,
        },
      )
      .refine(([program]) => program !== '', NO_PROGRAM)
      .describe('Program and arguments; run without a shell')
      .meta({ examples: [['/usr/local/bin/on-alert']] }),
    environment: z
      .record(z.string().regex(/^[^=]+$/), z.string().meta({ private: true }))
      .default({})
      .describe(
        'Environment variables of the program; of those of healthd it inherits only PATH, HOME, LANG and the like',
      ),
  }),
  create({ command, environment }, { run }) {
    return {
      async notify(notification, signal) {
        const { id, level, status, receiver } = notification;
        const variables = {
          HEALTHD_TITLE: titleOf(notification),
          HEALTHD_ID: id,
          HEALTHD_LEVEL: level,
          HEALTHD_STATUS: status,
          HEALTHD_RECEIVER: receiver,
          ...environment,
        };
        const input = `${JSON.stringify(notification)}\n`;
        const options = { input, environment: variables, maxOutput: MAX_OUTPUT };
        const { failure, code, stderr } = await run(command, options, signal).catch((error: unknown) => {
          // Missing or not executable: a retry would not help.
          const isMissing = error instanceof Error && isStartFailure(error.cause);
          throw isMissing ? new TargetError(describeError(error)) : error;
        });
        if (failure === undefined) return;
        const errorOutput = truncate(oneLine(stderr.toString('utf8')), MAX_QUOTE);
        const text = `${command[0]} ${failure}${errorOutput === '' ? '' : `: ${errorOutput}`}`;
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
