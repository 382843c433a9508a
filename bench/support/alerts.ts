/** The parts of alerts that are measured by themselves. */
export { Engine } from '../../src/alerts/engine/engine.ts';
export { compileRules } from '../../src/alerts/rules/compile.ts';
export { ruleSchema } from '../../src/alerts/rules/schema.ts';
export { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
export { internTags } from '../../src/metric/series.ts';
export { formatLine, parseLines } from '../../src/metric/line-protocol.ts';
export { compileRouting } from '../../src/alerts/audience/compile-routing.ts';
export { routingSchema } from '../../src/alerts/audience/schema.ts';
export { Notifications } from '../../src/alerts/notify/notifications.ts';
export { openAlertStore } from '../../src/alerts/store/sqlite-store.ts';
export { manualClock } from '../../src/testing.ts';
