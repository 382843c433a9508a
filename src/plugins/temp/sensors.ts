/** A temperature of hwmon, or a thermal zone. */
export interface Sensor {
  /** Name of the chip, or type of the zone. */
  readonly name: string;
  /** What the driver calls this input, in lower case; empty if it does not. */
  readonly label: string;
  /** The device behind the chip, such as `nvme0`; empty for zones. */
  readonly device: string;
  /** The file with the temperature. */
  readonly input: string;
  /** Limits and alarms beside it: what is measured (`crit`, `max`, `crit_alarm`, …) → file. Empty for zones. */
  readonly limits: ReadonlyMap<string, string>;
}

export type Format = 'v1' | 'v2';

/** Thousandths of a degree, as hwmon and thermal zones have them, in degrees Celsius. */
export function parseTemperature(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[-+]?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) / 1000 : undefined;
}

/**
 * The tag `sensor`: `coretemp_package_id_0` in v2, `coretemp_packageid0_input` in v1.
 *
 * @param kind `input`, or the key of a limit; v2 knows inputs only
 */
export function sensorTag({ name, label }: Pick<Sensor, 'name' | 'label'>, format: Format, kind = 'input'): string {
  const parts = format === 'v2' ? [name, label.replaceAll(' ', '_')] : [name, label.replaceAll(' ', ''), kind];
  return parts.filter((part) => part !== '').join('_');
}

/** One input of a hwmon folder: `temp3` → its label file, its input and everything else that starts with `temp3_`. */
export interface InputFiles {
  readonly prefix: string;
  readonly limits: readonly string[];
}

/** Inputs among the names of a hwmon folder, in the order of their numbers. */
export function findInputs(names: readonly string[]): InputFiles[] {
  const prefixes = names.flatMap((name) => /^(temp\d+)_input$/.exec(name)?.[1] ?? []);
  return prefixes
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((prefix) => ({
      prefix,
      limits: names
        .filter((name) => name.startsWith(`${prefix}_`))
        .map((name) => name.slice(prefix.length + 1))
        .filter((kind) => kind !== 'input' && kind !== 'label')
        .sort(),
    }));
}
