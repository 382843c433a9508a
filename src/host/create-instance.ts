import { ConfigError, describeError } from '../core/errors.ts';
import type { Plugin, PluginContext } from '../plugin/index.ts';

import type { PluginEntry } from './entry.ts';
import { placeIn } from './stack.ts';

type InstanceOf<P extends Plugin> = Awaited<ReturnType<P['create']>>;

/** An instance needs one of the first, and may have the others. */
const METHODS: Readonly<Record<Plugin['kind'], readonly [required: readonly string[], optional: readonly string[]]>> = {
  input: [
    ['gather', 'run'],
    ['stop', 'explain'],
  ],
  processor: [['process'], ['flush', 'stop']],
  output: [['write'], ['connect', 'reopen', 'stop']],
  notifier: [['notify'], ['connect', 'keepAlive', 'stop']],
};

/**
 * Makes the instance of an entry. What an external plugin returns is only claimed to be one.
 *
 * @throws what `create` throws, with file and line if the plugin is external; ConfigError if a method is missing
 */
export async function createInstance<P extends Plugin>(
  { plugin, options, file }: Pick<PluginEntry<P>, 'plugin' | 'options' | 'file'>,
  context: PluginContext,
): Promise<InstanceOf<P>> {
  let instance: unknown;
  try {
    instance = await plugin.create(options, context);
  } catch (error) {
    throw withPlace(error, file);
  }
  const fault = faultOf(plugin.kind, instance);
  if (fault !== undefined) {
    throw new ConfigError(`The ${plugin.kind} "${plugin.name}"${file === undefined ? '' : ` of ${file}`} ${fault}`);
  }
  return instance as InstanceOf<P>;
}

function faultOf(kind: Plugin['kind'], instance: unknown): string | undefined {
  const [required, optional] = METHODS[kind];
  const wanted = required.join(' or ');
  if (typeof instance !== 'object' || instance === null) return `made no instance: create must return { ${wanted} }`;
  const methods = instance as Readonly<Record<string, unknown>>;
  const wrong = [...required, ...optional].find(
    (name) => methods[name] !== undefined && typeof methods[name] !== 'function',
  );
  if (wrong !== undefined) return `has a "${wrong}" that is no function`;
  return required.every((name) => methods[name] === undefined) ? `has no function "${wanted}"` : undefined;
}

/** Of the plugin API (`plugin/errors.ts`), by name since a plugin may carry a copy; and of aborts. They say what they mean. */
const KNOWN = /^(?:Retryable|Permanent|TooLarge|Target|PartialNotify|PartialWrite|Abort|Timeout)Error$/;

/** Adds file and line to the message of an error of an external plugin, unless the error's class is what matters. */
export function withPlace(thrown: unknown, file: string | undefined): unknown {
  const place = placeIn(file, thrown);
  const isKnown = KNOWN.test((thrown as { readonly name?: string } | undefined)?.name ?? '');
  return place === undefined || isKnown ? thrown : new Error(`${describeError(thrown)} (${place})`, { cause: thrown });
}
