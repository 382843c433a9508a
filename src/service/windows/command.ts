/** What a service runs, and how Windows writes it on one line. */

export interface ServiceCommand {
  /** Absolute paths of Node and of the script. */
  readonly command: readonly [node: string, script: string];
  /** Absolute path. Default: as `healthd run` finds it, such as %ProgramData%\healthd\healthd.yaml. */
  readonly config?: string | undefined;
}

/** Arguments of Node, as one text. */
export function argumentsOf({ command: [, script], config }: ServiceCommand, command: 'run' | 'stop'): string {
  return commandLine([script, command, ...(config === undefined ? [] : ['--config', config])]);
}

/** As programs take it apart again (CommandLineToArgvW): backslashes are doubled before a quote only. */
export function commandLine(words: readonly string[]): string {
  return words
    .map((word) =>
      word !== '' && !/[\s"]/.test(word) ? word : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`,
    )
    .join(' ');
}

/** For XML; control characters, which XML cannot have, are left out. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\r\n]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
