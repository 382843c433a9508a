import { expect, test } from '@jest/globals';

import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';

const problems = (options: object) =>
  elasticsearch.config.safeParse(options).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

test('none is needed', () => {
  expect(problems({})).toBeUndefined();
});

test.each([
  [{ url: 'http://a', urls: ['http://b'] }, 'urls: give url or urls, not both'],
  [{ index: 'a', data_stream: 'b' }, 'data_stream: give index or data_stream, not both'],
  [{ data_stream: 'a-%Y' }, 'data_stream: has no dates in its name: Elasticsearch begins new indices by itself'],
  [{ index: 'Healthd' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: '{{host}}-x' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: '_x' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: 'a%Q' }, 'index: %Q is not known; there are %Y, %y, %m, %d, %H, %V'],
  [{ index: 'a b' }, 'index: must not have " ": names of indices are lower case, a-z 0-9 . _ + -'],
  [{ index: 'a%' }, 'index: must not have "%": names of indices are lower case, a-z 0-9 . _ + -'],
  [{ index: 'a'.repeat(200) }, 'index: must be shorter than 127 characters'],
  [
    { url: 'http://h:9200/?x=s3cr3t' },
    'url: must end before the "?" or "#"; write the address of the server, such as http://localhost:9200',
  ],
  [{ api_key: 'a', username: 'b' }, 'api_key: give one of api_key, bearer_token, and username with password'],
  [
    { data_stream: 'metrics-{{measurement}}-default' },
    'data_stream: would give its template to others; put a text of your own first, such as metrics-healthd.{{tag}}',
  ],
  [{ ilm: {} }, 'ilm: Say what is to happen: give max_size, max_age or delete_after'],
  [
    { ilm: { delete_after: '1d' }, manage_template: false },
    'ilm: needs manage_template: the template names the policy',
  ],
  [{ ilm: { delete_after: '1d' }, index: 'fixed' }, 'ilm: would delete the only index; put a date into its name'],
  [
    { ilm: { max_age: '1d' } },
    'ilm: max_size and max_age need data_stream; an index with a date in its name begins anew by that',
  ],
])('%j is refused', (options, message) => {
  expect(problems(options)).toEqual([message]);
});
