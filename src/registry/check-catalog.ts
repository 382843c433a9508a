/** Checks the catalog of an external input, whose type is only a claim. */

const TYPES = ['int', 'float', 'string', 'bool'];
const KINDS = ['gauge', 'counter'];

/** @returns a predicate such as `declares the type "integer" for …`; undefined for a catalog without faults */
export function catalogFault(metrics: unknown): string | undefined {
  if (!isMapping(metrics)) return 'has no catalog in "metrics"';
  for (const [name, spec] of Object.entries(metrics)) {
    const fault = measurementFault(name, spec);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function measurementFault(name: string, spec: unknown): string | undefined {
  if (!isMapping(spec)) return `declares the measurement "${name}" as something other than { tags, fields }`;
  const { fields, tags = {}, dynamic, kind } = spec;
  if (!isMapping(fields))
    return `declares no "fields" for the measurement "${name}"; write fields: {} if there are none`;
  if (!isMapping(tags)) return `declares "tags" of the measurement "${name}" as something other than { key: meaning }`;
  if (isWrongKind(kind)) return kindFault(kind, `the measurement "${name}"`);
  const all = [...Object.entries(fields), ...(dynamic === undefined ? [] : [['…', dynamic] as const])];
  for (const [field, declared] of all) {
    const fault = fieldFault(declared, `${name}.${field}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function fieldFault(spec: unknown, field: string): string | undefined {
  if (!isMapping(spec)) return `declares the field "${field}" as something other than { type, help }`;
  const { type, kind } = spec;
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    return `declares the type ${JSON.stringify(type)} for the field "${field}"; types are ${TYPES.join(', ')}`;
  }
  return isWrongKind(kind) ? kindFault(kind, `the field "${field}"`) : undefined;
}

function isWrongKind(kind: unknown): boolean {
  return kind !== undefined && !(typeof kind === 'string' && KINDS.includes(kind));
}

function kindFault(kind: unknown, what: string): string {
  return `declares the kind ${JSON.stringify(kind)} for ${what}; kinds are ${KINDS.join(', ')}`;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
