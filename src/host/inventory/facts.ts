/** What the package systeminformation tells, as far as it is shown. It leaves out or empties what it cannot find. */
import { z } from '../../plugin/index.ts';

const text = z.string().nullish().catch(undefined);
const number = z.number().nullish().catch(undefined);
const yes = z.boolean().nullish().catch(undefined);

/** Whatever else it is counts as nothing known. */
function objectOf(given: unknown): unknown {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
}

const list = <Shape extends z.ZodRawShape>(shape: Shape) => z.array(z.object(shape)).catch([]);
const one = <Shape extends z.ZodRawShape>(shape: Shape) => z.preprocess(objectOf, z.object(shape).partial());

export const factsSchema = z.object({
  system: one({ manufacturer: text, model: text, version: text, virtual: yes, virtualHost: text }),
  bios: one({ vendor: text, version: text, releaseDate: text }),
  baseboard: one({ manufacturer: text, model: text }),
  chassis: one({ type: text }),
  osInfo: one({ distro: text, release: text, codename: text, kernel: text, arch: text, uefi: yes }),
  cpu: one({
    ...{ manufacturer: text, brand: text, speed: number, speedMax: number, cores: number, physicalCores: number },
    ...{ processors: number, cache: one({ l2: number, l3: number }) },
  }),
  mem: one({ total: number }),
  memLayout: list({ size: number, bank: text, type: text, ecc: yes, clockSpeed: number, manufacturer: text }),
  diskLayout: list({ device: text, name: text, vendor: text, type: text, interfaceType: text, size: number }),
  networkInterfaces: list({
    ...{ iface: text, mac: text, internal: yes, virtual: yes, operstate: text, type: text, speed: number },
  }),
  graphics: one({ controllers: list({ vendor: text, model: text, vram: number }) }),
});

/** Functions of the package, and keys of `factsSchema`. */
export const FUNCTIONS = Object.keys(factsSchema.shape);

export type Facts = z.infer<typeof factsSchema>;
