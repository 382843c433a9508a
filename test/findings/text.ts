import { finding as schema, type Finding } from '../../src/api/host.ts';

/** Sentence with names in `**`, then the evidence. Checks that the finding is one that the API may answer. */
export function textOf(found: Finding): string {
  schema.parse(found);
  const sentence = found.sentence.map((part) => (typeof part === 'string' ? part : `**${part.name}**`)).join('');
  return `${found.level}: ${sentence}${found.evidence === '' ? '' : ` (${found.evidence})`}`;
}
