/** The configuration in force, secrets redacted. */
import type { JSX } from 'preact';

import type { ConfigAnswer } from '../../api/answers.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { usePrivate } from '../../store/asked.ts';

export function Configuration({ files }: { files: readonly string[] }): JSX.Element {
  const asked = usePrivate<ConfigAnswer>('config');
  const { answer } = asked;
  return (
    <section class="card">
      <div class="ch tall">
        <h2>Configuration</h2>
        <span class="mut grow cut">{files.join(', ')}</span>
        {answer !== undefined && <CopyButton text={answer.yaml} what="The configuration" />}
      </div>
      {answer === undefined ? (
        <NoAnswer of={asked} what="The configuration" />
      ) : (
        <pre class="yaml" tabIndex={0}>
          {answer.yaml}
        </pre>
      )}
    </section>
  );
}
