import { settle } from '../support/kit/settle.ts';

import { journalContract } from './journal-contract.ts';
import { join } from 'node:path';

import { stored } from './journal-kit.ts';

journalContract('the journal in memory', {
  open: (kit, settings) => Promise.resolve(kit.inMemory(settings)),
  bounded: (bytes) => ({ memoryBytes: bytes }),
  async settled(journal) {
    journal.seal();
    await settle();
  },
  size: (journal) => journal.status.memoryBytes,
});

journalContract('the journal on disk', {
  open: (kit, settings) => kit.open(join(kit.folder(), 'journal'), settings),
  bounded: (bytes) => ({ maxBytes: bytes }),
  async settled(journal) {
    await stored(journal);
    await settle();
  },
  size: (journal) => journal.status.diskBytes,
});
