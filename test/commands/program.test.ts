/** The table of commands, and how it becomes a command line. */
import { describe, expect, test } from '@jest/globals';

import { defineCommand, EXIT, type ExitCode, type Signals, type Terminal } from '../../src/commands/command.ts';
import { execute } from '../../src/commands/program.ts';
import { COMMANDS, GROUPS } from '../../src/commands/tree.ts';

const terminal = {} as Terminal;
const signals: Signals = {
  stop: () => new AbortController().signal,
  endsWithin: () => undefined,
  onReload: () => undefined,
  onStrayError: () => undefined,
};

describe('the table of commands', () => {
  test('has each path once', () => {
    const paths = COMMANDS.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('has a summary for each group, command, argument and option', () => {
    const paths = COMMANDS.map(({ path }) => path);
    // A group that is a command itself has that command's summary.
    const groups = paths
      .map((path) => path.split(' '))
      .flatMap(([group = '', word]) => (word && !paths.includes(group) ? [group] : []));
    expect(Object.keys(GROUPS).sort()).toEqual([...new Set(groups)].sort());
    const parameters = COMMANDS.flatMap((command) => [
      ...Object.values(command.arguments),
      ...Object.values(command.options),
    ]);
    const summaries = [...Object.values(GROUPS), ...[...COMMANDS, ...parameters].map(({ summary }) => summary)];
    for (const summary of summaries) expect(summary).toMatch(/^\S.*[^\s.]$/);
  });

  test.each(COMMANDS.map(({ path, load }) => [path, load] as const))('%s can be loaded', async (_path, load) => {
    expect(await load()).toBeInstanceOf(Function);
  });
});

describe('a command', () => {
  interface Input {
    readonly name: string;
    readonly labels?: readonly string[];
    readonly toOutput?: string;
    readonly level: 'low' | 'high';
    readonly json?: boolean;
  }

  const inputs: Input[] = [];
  const command = defineCommand({
    path: 'group word',
    summary: 'a command',
    arguments: {
      name: { value: 'name', summary: 'a name', isRequired: true },
      labels: { value: 'label', summary: 'labels', isList: true },
    },
    options: {
      toOutput: { value: 'name', summary: 'an output' },
      level: { short: 'l', value: 'level', summary: 'a level', isRequired: true, choices: ['low', 'high'] },
      json: { summary: 'print JSON' },
    },
    load: () =>
      Promise.resolve((input: Input): Promise<ExitCode> => {
        inputs.push(input);
        return Promise.resolve(EXIT.failed);
      }),
  });

  const executed = async (...argv: readonly string[]) => {
    const code = await execute(['group', 'word', ...argv], terminal, signals, [command]);
    return { code, input: inputs.pop() };
  };

  test('gets its arguments and options by name, without absent options', async () => {
    expect(await executed('web', '-l', 'low')).toStrictEqual({
      code: EXIT.failed,
      input: { name: 'web', labels: [], level: 'low' },
    });
    expect(await executed('web', 'a', 'b', '--level', 'high', '--to-output', 'x', '--json')).toStrictEqual({
      code: EXIT.failed,
      input: { name: 'web', labels: ['a', 'b'], level: 'high', toOutput: 'x', json: true },
    });
  });
});

// Checked by the compiler: an expectation that is not met is an error of its own.
test('a declaration that disagrees with its implementation does not compile', () => {
  interface Input {
    readonly name: string;
    readonly output?: string;
    readonly level?: 'low' | 'high';
    readonly json?: boolean;
  }
  const load = () => Promise.resolve((_input: Input): Promise<ExitCode> => Promise.resolve(EXIT.ok));
  const text = { path: 'word', summary: 'a command', load };
  const name = { value: 'name', summary: 'a name', isRequired: true } as const;
  const output = { value: 'name', summary: 'an output' };
  const level = { value: 'level', summary: 'a level', choices: ['low'] } as const;
  const json = { summary: 'print JSON' };

  defineCommand({ ...text, arguments: { name }, options: { output, level, json } });
  // @ts-expect-error an option of the implementation is not declared
  defineCommand({ ...text, arguments: { name }, options: { output, level } });
  // @ts-expect-error the implementation does not have the argument
  defineCommand({ ...text, arguments: { name, second: name }, options: { output, level, json } });
  // @ts-expect-error the implementation does not have the option
  defineCommand({ ...text, arguments: { name }, options: { output, level, json, all: json } });
  // @ts-expect-error the implementation cannot do without it
  defineCommand({ ...text, arguments: { name: output }, options: { output, level, json } });
  // @ts-expect-error a flag where the implementation takes text
  defineCommand({ ...text, arguments: { name }, options: { output: json, level, json } });
  // @ts-expect-error text where the implementation takes a flag
  defineCommand({ ...text, arguments: { name }, options: { output, level, json: output } });
  // @ts-expect-error any text where the implementation takes one of two words
  defineCommand({ ...text, arguments: { name }, options: { output, level: output, json } });
  // @ts-expect-error a choice that the implementation does not know
  defineCommand({ ...text, arguments: { name }, options: { output, level: { ...level, choices: ['none'] }, json } });
});
