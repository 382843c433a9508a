/** Join tokens: the line that is run on a host, and those that were made before. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { TokenAnswer, TokenRequest, TokensAnswer } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { moment } from '../../format/time.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { useForm } from '../../parts/use-form.ts';
import { usePrivate, type Asked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { session } from '../../store/live.ts';
import { goTo } from '../../url/location.ts';
import { FormProblem, TextField } from '../alerts/form-parts.tsx';

import { parseTags } from './token-tags.ts';

const HOUR = 3_600_000;
const SPANS = [
  { ms: HOUR, text: '1 hour' },
  { ms: 24 * HOUR, text: '1 day' },
  { ms: 7 * 24 * HOUR, text: '7 days' },
  { ms: 30 * 24 * HOUR, text: '30 days' },
] as const;
const MOST_USES = 10_000;

export function AddSheet(): JSX.Element {
  return (
    <Sheet title="Add a host" class="wide form" onClose={close}>
      {session.value?.role === 'admin' ? <Tokens /> : <NeedsSession what="To add a host" />}
    </Sheet>
  );
}

function close(): void {
  goTo({ do: undefined });
}

function Tokens(): JSX.Element {
  const asked = usePrivate<TokensAnswer>('fleet/tokens');
  const made = useSignal<TokenAnswer | undefined>(undefined);
  return (
    <>
      {made.value === undefined ? (
        <TokenForm
          onMade={(token) => {
            made.value = token;
            asked.retry();
          }}
        />
      ) : (
        <Made token={made.value} />
      )}
      <TokenList asked={asked} />
    </>
  );
}

function TokenForm({ onMade }: { onMade: (token: TokenAnswer) => void }): JSX.Element {
  const [tags, uses, span] = [useSignal(''), useSignal('1'), useSignal(String(HOUR))];
  const parsed = parseTags(tags.value);
  const number = /^\d{1,5}$/.test(uses.value) ? Number(uses.value) : 0;
  const usesProblem =
    number < 1 || number > MOST_USES ? `A number from 1 to ${MOST_USES.toLocaleString('en')}` : undefined;
  const { error, isBusy, onSubmit } = useForm(async () => {
    if (parsed.tags === undefined || usesProblem !== undefined) return;
    const body = { tags: parsed.tags, expiresMs: Number(span.value), uses: number } satisfies TokenRequest;
    onMade(await post<TokenAnswer>('fleet/tokens', body));
  });
  return (
    <form onSubmit={onSubmit}>
      <p class="two">A token lets hosts join for a while. The hub keeps no copy of it.</p>
      <TextField label="Tags of these hosts" hint="role=db site=fra1" value={tags} problem={parsed.problem} />
      <div class="two-fields">
        <TextField label="How many hosts" value={uses} isRequired problem={usesProblem} />
        <label class="fld">
          <span>Good for</span>
          <select
            value={span.value}
            onChange={({ currentTarget: { value } }) => {
              span.value = value;
            }}
          >
            {SPANS.map(({ ms, text }) => (
              <option key={ms} value={ms}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <FormProblem text={error.value} />
      <button type="submit" class="btn p big" disabled={isBusy.value}>
        Make a join token
      </button>
    </form>
  );
}

function Made({ token: { join, expiresAt } }: { token: TokenAnswer }): JSX.Element {
  const line = `healthd join ${join}`;
  return (
    <div role="status" class="made">
      <p>
        Run this on the host, as root, before {moment(expiresAt, agentTime())}. <b>It is shown only now.</b>
      </p>
      <p class="row">
        <code class="join-line grow wrap">{line}</code>
        <CopyButton text={line} what="The line" />
      </p>
    </div>
  );
}

function TokenList({ asked }: { asked: Asked<TokensAnswer> }): JSX.Element {
  const error = useSignal<string | undefined>(undefined);
  const { answer } = asked;
  if (answer === undefined) return <NoAnswer of={asked} what="The list of tokens" />;
  const end = async (id: string) => {
    try {
      await post(`fleet/tokens/${encodeURIComponent(id)}/end`, {});
      error.value = undefined;
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
    }
    asked.retry();
  };
  return (
    <section>
      <h3>Tokens</h3>
      {answer.tokens.length === 0 && <p class="mut">There are none.</p>}
      <ul class="tokens">
        {answer.tokens.map((token) => (
          <TokenRow key={token.id} token={token} onEnd={() => void end(token.id)} />
        ))}
      </ul>
      <FormProblem text={error.value} />
    </section>
  );
}

function TokenRow({
  token: { id, tags, expiresAt, uses, used },
  onEnd,
}: {
  token: TokensAnswer['tokens'][number];
  onEnd: () => void;
}): JSX.Element {
  const now = agentTime();
  const until = expiresAt <= now ? 'expired' : `until ${moment(expiresAt, now)}`;
  const words = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return (
    <li class="row">
      <code>{id}</code>
      <span class="grow cut two">{[`${used} of ${uses} used`, until, ...words].join(' · ')}</span>
      <button type="button" class="btn q" aria-label={`End token ${id}`} onClick={onEnd}>
        End
      </button>
    </li>
  );
}
