import { sensorTag } from './sensors.ts';
import type { Format, Sensor } from './sensors.ts';

/** What the tags of a sensor are made of. */
export interface Identity {
  /** Of the tag `sensor`, without the kind of v1. */
  readonly name: string;
  /** The tag `device`; empty for none. */
  readonly device: string;
}

type Extend = (sensor: Sensor, identity: Identity) => Identity;

const byDevice: Extend = ({ device }, { name }) => ({ name, device });
const byFile: Extend = ({ file }, { name, device }) => ({ name: `${name}_${file}`, device });
const byFolder: Extend = ({ folder }, { name, device }) => ({ name: `${name}_${folder}`, device });

/**
 * What tells equal sensors apart: first what is stable over restarts, then the number of the chip. At last the file again,
 * because a longer name may be that of another sensor with such a label.
 */
const EXTENSIONS = [byDevice, byFile, byFolder, byFile];

/**
 * The identities of the sensors that have answered once: a disk that sleeps still makes the name of its twin longer, an input
 * that never had a value does not.
 */
export class Identities {
  readonly #format: Format;
  readonly #withDevice: boolean;
  /** By input. */
  readonly #known = new Set<string>();
  #listed: readonly Sensor[] = [];
  #identities: ReadonlyMap<Sensor, Identity> | undefined;

  /** @param withDevice every sensor gets the tag `device` */
  constructor(format: Format, withDevice: boolean) {
    this.#format = format;
    this.#withDevice = withDevice;
  }

  /** Takes a new list of all sensors. */
  list(sensors: readonly Sensor[]): void {
    const inputs = new Set(sensors.map(({ input }) => input));
    for (const input of this.#known) if (!inputs.has(input)) this.#known.delete(input);
    this.#listed = sensors;
    this.#identities = undefined;
  }

  answered({ input }: Sensor): void {
    if (this.#known.has(input)) return;
    this.#known.add(input);
    this.#identities = undefined;
  }

  /** @param sensor has answered */
  of(sensor: Sensor): Identity {
    const known = () => this.#listed.filter(({ input }) => this.#known.has(input));
    this.#identities ??= identify(known(), this.#format, this.#withDevice);
    return this.#identities.get(sensor) ?? plain(sensor, this.#format, this.#withDevice);
  }
}

function plain(sensor: Sensor, format: Format, withDevice: boolean): Identity {
  return { name: sensorTag(sensor, format, ''), device: withDevice ? sensor.device : '' };
}

/**
 * Extends the tags of sensors that would have equal ones (two NVMe disks, two zones of a type, inputs without labels), and of
 * no others.
 */
function identify(sensors: readonly Sensor[], format: Format, withDevice: boolean) {
  const identities = new Map(sensors.map((sensor) => [sensor, plain(sensor, format, withDevice)]));
  for (const extend of EXTENSIONS) {
    for (const group of equalOnes(identities)) {
      const extended = new Map(group.map(([sensor, identity]) => [sensor, extend(sensor, identity)]));
      if (equalOnes(extended).length === 1) continue; // it tells nobody apart
      for (const [sensor, identity] of extended) identities.set(sensor, identity);
    }
  }
  return identities;
}

/** Groups of sensors with equal tags. */
function equalOnes(identities: ReadonlyMap<Sensor, Identity>): (readonly [Sensor, Identity])[][] {
  const groups = new Map<string, (readonly [Sensor, Identity])[]>();
  for (const entry of identities) {
    const key = JSON.stringify([entry[1].name, entry[1].device]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}
