/** The parts of alerts that are measured by themselves. */
export { Engine } from '../../src/alerts/engine/engine.ts';
export { compileRules } from '../../src/alerts/rules/compile.ts';
export { ruleSchema } from '../../src/alerts/rules/schema.ts';
export { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
export { internTags } from '../../src/metric/series.ts';
export { formatLine, parseLines } from '../../src/metric/line-protocol.ts';
