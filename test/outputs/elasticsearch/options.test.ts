import { expect, test } from '@jest/globals';

import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';

const problems = (options: object) =>
  elasticsearch.config.safeParse(options).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

test('all are optional', () => {
  expect(problems({})).toBeUndefined();
});

test.each([
  [{ url: 'http://a', urls: ['http://b'] }, 'urls: give url or urls, not both'],
  [{ index: 'a', data_stream: 'b' }, 'data_stream: give index or data_stream, not both'],
  [{ data_stream: 'a-%Y' }, 'data_stream: must not contain dates; Elasticsearch rolls a data stream over by itself'],
  [{ index: 'Healthd' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: '{{host}}-x' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: '_x' }, 'index: must begin with a fixed lower-case letter or digit'],
  [{ index: 'a%Q' }, 'index: %Q is unknown; use %Y, %y, %m, %d, %H, %V'],
  [{ index: 'a b' }, 'index: must not contain " "; index names consist of a-z 0-9 . _ + -'],
  [{ index: 'a%' }, 'index: must not contain "%"; index names consist of a-z 0-9 . _ + -'],
  [{ index: 'a'.repeat(200) }, 'index: must be shorter than 127 characters'],
  [
    { url: 'http://h:9200/?x=s3cr3t' },
    'url: must not have a query ("?") or fragment ("#"); give the base URL, such as http://localhost:9200',
  ],
  [{ api_key: 'a', username: 'b' }, 'api_key: give only one of api_key, bearer_token, and username with password'],
  [
    { data_stream: 'metrics-{{measurement}}-default' },
    'data_stream: would apply its template to data streams of others; begin with a text of your own, such as metrics-healthd.{{tag}}',
  ],
  [{ ilm: {} }, 'ilm: Set at least one of max_size, max_age and delete_after'],
  [
    { ilm: { delete_after: '1d' }, manage_template: false },
    'ilm: requires manage_template, because the template refers to the policy',
  ],
  [{ ilm: { delete_after: '1d' }, index: 'fixed' }, 'ilm: would delete the only index; add a date to its name'],
  [
    { ilm: { max_age: '1d' } },
    'ilm: max_size and max_age require data_stream; an index with a date in its name changes with the date',
  ],
])('%j is rejected', (options, message) => {
  expect(problems(options)).toEqual([message]);
});
