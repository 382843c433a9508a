/** A hwmon temperature or a thermal zone. */
export interface Sensor {
  /** Name of the chip, or type of the zone. */
  readonly name: string;
  /** The driver's label in lower case; empty if there is none. */
  readonly label: string;
  /** Device of the chip, such as `nvme0`; empty for zones. */
  readonly device: string;
  /** `temp3`, the input of the chip, or `zone0`. */
  readonly file: string;
  /** `hwmon2`, which the kernel may number differently after each start, or `thermal_zone0`. */
  readonly folder: string;
  /** Path of the file with the temperature. */
  readonly input: string;
  /** Limits and alarms: kind (`crit`, `max`, `crit_alarm`, …) → path. Empty for zones. */
  readonly limits: ReadonlyMap<string, string>;
}

export type Format = 'v1' | 'v2';

/** Converts millidegrees, as in hwmon and thermal zones, to degrees Celsius. */
export function parseTemperature(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[-+]?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) / 1000 : undefined;
}

/**
 * The tag `sensor`: `coretemp_package_id_0` in v2, `coretemp_packageid0_input` in v1.
 *
 * @param kind `input`, or the kind of a limit; v2 has inputs only
 */
export function sensorTag({ name, label }: Pick<Sensor, 'name' | 'label'>, format: Format, kind = 'input'): string {
  const parts = format === 'v2' ? [name, label.replaceAll(' ', '_')] : [name, label.replaceAll(' ', ''), kind];
  return parts.filter((part) => part !== '').join('_');
}

/** One input of a hwmon folder: a prefix such as `temp3`, and the kinds of its other files. */
export interface InputFiles {
  readonly prefix: string;
  readonly limits: readonly string[];
}

/** Finds inputs among the file names of a hwmon folder, in numeric order. */
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
