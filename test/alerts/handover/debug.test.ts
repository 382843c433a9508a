import { test } from '@jest/globals';
import { HandOver } from './hand-over-model.ts';
test('debug', async () => {
  const cmds = JSON.parse(process.env['CMDS']!);
  const model = new HandOver({});
  const log = () => {
    for (const side of ['hub', 'agent'] as const)
      for (const e of [...model.disks[side].history({ limit: 200 })].reverse()) {
        console.log(
          side,
          e.at % 10000000,
          e.kind,
          e.reason,
          e.receiver ?? '',
          e.fingerprint ?? '',
          JSON.stringify(e.detail ?? ''),
        );
      }
  };
  try {
    for (const each of cmds) await model.run(each);
    console.log('violations before rest', model.violations.map(String));
    log();
    await model.rest();
  } finally {
    console.log(model.violations.map(String));
    log();
    console.log(
      JSON.stringify([...model.disks.agent.collection('handed_over').entries()]),
      JSON.stringify(model.disks.agent.collection('ledger').entries()),
      JSON.stringify(model.disks.hub.collection('ledger').entries()),
    );
  }
});
