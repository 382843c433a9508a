/** SASL: PLAIN (RFC 4616) and SCRAM (RFC 5802, 7677), as Kafka frames them. */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** Kafka's own limit is 16,384. A server that asks for more would make us compute for as long as it wants. */
const MAX_ITERATIONS = 100_000;

export interface Login {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Sends bytes to the broker and resolves to its answer. */
export type Exchange = (bytes: Buffer) => Promise<Buffer>;

/** @throws the error of the exchange, or if the server does not prove that it knows the password */
export async function authenticate({ mechanism, username, password }: Login, exchange: Exchange): Promise<void> {
  if (mechanism === 'plain') {
    await exchange(Buffer.from(`\0${username}\0${password}`));
    return;
  }
  const hash = mechanism === 'scram-sha-256' ? 'sha256' : 'sha512';
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const nonce = randomBytes(18).toString('base64url');
  const first = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  const challenge = (await exchange(Buffer.from(`n,,${first}`))).toString();
  const { r: fullNonce = '', s: salt = '', i: iterations = '' } = attributes(challenge);
  if (!fullNonce.startsWith(nonce) || !isFeasible(Number(iterations)))
    throw new Error('its SCRAM challenge is invalid');
  const size = createHash(hash).digest().length;
  const salted = await derive(password, Buffer.from(salt, 'base64'), Number(iterations), size, hash);
  const clientKey = hmac(salted, 'Client Key');
  const final = `c=biws,r=${fullNonce}`;
  const signed = `${first},${challenge},${final}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
  const answer = await exchange(Buffer.from(`${final},p=${Buffer.from(proof).toString('base64')}`));
  const verifier = Buffer.from(attributes(answer.toString())['v'] ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), signed);
  if (verifier.length !== expected.length || !timingSafeEqual(verifier, expected)) {
    throw new Error('it does not know the password, so it is not the server that was expected');
  }
}

function isFeasible(iterations: number): boolean {
  return Number.isInteger(iterations) && iterations > 0 && iterations <= MAX_ITERATIONS;
}

/** `r=…,s=…,i=4096` */
function attributes(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
