/**
 * Bounds what the client reads of an answer. It joins an error of type JSON as a whole, and inflates gzip that was not asked for:
 * 600 KB could become 600 MiB. It takes the functions that make requests from an option meant for the package
 * `follow-redirects`.
 */
import { request as requestPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { Transform } from 'node:stream';

/** Errors of InfluxDB are a few hundred bytes. */
const MAX_BYTES = 65_536;

type Make = (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;

/** For `transportOptions`. */
export const BOUNDED = {
  'follow-redirects': { http: { request: bounded(requestPlain) }, https: { request: bounded(requestTls) } },
};

function bounded(make: Make): Make {
  return (options, onAnswer) =>
    make(options, (answer) => {
      onAnswer(firstBytes(answer));
    });
}

/** The answer as the client reads it: so many bytes, then the connection is closed; nothing of one that is compressed. */
function firstBytes(answer: IncomingMessage): IncomingMessage {
  const { 'content-encoding': encoding = 'identity', ...headers } = answer.headers;
  let left = encoding === 'identity' ? MAX_BYTES : 0;
  const body = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      this.push(part);
      if (left > 0) {
        done();
        return;
      }
      this.push(null);
      answer.destroy();
      done();
    },
  });
  // The client listens for both; after the bound nobody waits for them.
  answer.on('aborted', () => {
    if (left > 0) body.emit('aborted');
  });
  answer.on('error', (error) => {
    if (left > 0) body.destroy(error);
  });
  answer.pipe(body);
  const { statusCode, statusMessage } = answer;
  return Object.assign(body, { headers, statusCode, statusMessage }) as unknown as IncomingMessage;
}
