/** What a panel says of one of its series or columns. */

/** @returns the defaults of the panel with its overrides for this name and query; `custom` lies flat, as `custom.x` */
export function fieldConfig({ defaults, overrides = [] }, name, refId) {
  const { custom = {}, ...rest } = defaults;
  const config = {
    ...rest,
    ...Object.fromEntries(Object.entries(custom).map(([key, value]) => [`custom.${key}`, value])),
  };
  for (const { matcher, properties } of overrides) {
    if (!matches(matcher, name, refId)) continue;
    for (const { id, value } of properties) config[id] = value;
  }
  return config;
}

function matches({ id, options }, name, refId) {
  switch (id) {
    case 'byName':
      return options === name;
    case 'byFrameRefID':
      return options === refId;
    default:
      throw new Error(`Nothing matches ${id} here`);
  }
}

/** What stands for a value: a text, a colour or both. */
export function mapped({ mappings = [] }, value) {
  for (const { type, options } of mappings) {
    if (type !== 'value') throw new Error(`A mapping of the type ${type} is not known here`);
    const found = options[String(value)];
    if (found !== undefined) return found;
  }
  return {};
}
