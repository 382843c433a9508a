import { defineNotifier, plainText, printable, printableJson, z } from '../../plugin/index.ts';

/** For trying out rules, and for service managers that collect the output of a process. */
export const consoleNotifier = defineNotifier({
  name: 'console',
  summary: 'Prints alerts on stdout, as text or JSON lines',
  maxAlerts: 100,
  config: z.strictObject({
    format: z
      .enum(['text', 'json'])
      .default('text')
      .describe('text for people; json for programs, one object per line'),
  }),
  create({ format }) {
    return {
      rate: { perSecond: 100, burst: 100 },
      notify(notification) {
        const text =
          format === 'json'
            ? printableJson(JSON.stringify(notification))
            : `${printable(plainText(notification), { keepNewlines: true })}\n`;
        return new Promise((resolve, reject) => {
          process.stdout.write(`${text}\n`, (error) => {
            if (error) reject(error);
            else resolve();
          });
        });
      },
    };
  },
});
