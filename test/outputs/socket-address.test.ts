import { describe, expect, test } from '@jest/globals';

import { socketAddress } from '../../src/outputs/socket-address.ts';

const address = socketAddress({ tcp: undefined, tls: 6514, udp: 514 });

const problem = (text: string) =>
  address
    .safeParse(text)
    .error?.issues.map(({ message }) => message)
    .join('; ');

describe('an address', () => {
  test.each([
    ['udp://logs.example', { protocol: 'udp', host: 'logs.example', port: 514 }],
    ['TLS://logs.example/', { protocol: 'tls', host: 'logs.example', port: 6514 }],
    ['tls://[2001:db8::1]', { protocol: 'tls', host: '2001:db8::1', port: 6514 }],
    ['[::1]:601', { protocol: 'tcp', host: '::1', port: 601 }],
    ['logs_1.example:601', { protocol: 'tcp', host: 'logs_1.example', port: 601 }],
    ['tcp://10.0.0.1:65535', { protocol: 'tcp', host: '10.0.0.1', port: 65_535 }],
  ])('%s', (text, expected) => {
    expect(address.parse(text)).toEqual(expected);
  });

  test.each([
    ['logs.example', /^has no port; add it after a colon/],
    ['tcp://logs.example:0', /^has a port outside of 1 to 65535$/],
    ['tcp://logs.example:65536', /^has a port outside of 1 to 65535$/],
    ['http://logs.example:80', /^must begin with one of tcp:\/\/, tls:\/\/, udp:\/\/$/],
    ['constructor://logs.example:80', /^must begin with one of/],
    ['::1', /IPv6 addresses in brackets/],
    ['[10.0.0.1]:514', /IPv6 addresses in brackets/],
    ['tcp://', /^is not an address/],
    ['', /^is not an address/],
    ['tcp://logs.example:514/path', /^is not an address/],
    ['tcp://user:secret@logs.example:514', /^is not an address/],
    ['two words:514', /^is not an address/],
  ])('%s is rejected with a message that does not quote it', (text, expected) => {
    expect(problem(text)).toMatch(expected);
    expect(problem(text)).not.toContain('secret');
  });
});
