import { afterEach, expect, test } from '@jest/globals';
import { openEndpoint } from './open.ts';
test('smoke', async () => {
  const e = await openEndpoint({}, { metrics: { cpu: { fields: { usage_percent: { type: 'float', unit: 'percent', help: 'a "b"\nc' } } } } });
  await e.write('cpu,ho-st=a,__x=1,ho_st=b usage_percent=1.5,n=3i,s="a",b=t,value=4 1700000000000000001',
   'prometheus,le=1 x_bucket=2 1', 'prometheus,le=+Inf x_bucket=3 1','prometheus x_count=3,x_sum=4.5 1');
  console.log(await e.scrape(), await e.scrape({accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'}));
  await e.close();
});
