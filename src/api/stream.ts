/**
 * `GET /api/v1/stream`: server-sent events while somebody looks. The host gathers cpu, mem, disk, net and processes each second
 * into the live ring only; it ends 10 s after the last viewer.
 *
 * | event     | data                                                                                       |
 * | --------- | ------------------------------------------------------------------------------------------ |
 * | series    | `LiveSeries`: the columns of the samples that follow; first, and when they change          |
 * | sample    | `LiveSample`: each second. First those of the ring (at most 5 min), so a reader fills gaps |
 * | processes | `ProcessesAnswer`: every two seconds                                                       |
 * | findings  | `FindingsAnswer`: first, and when it changes                                               |
 * | alerts    | `AlertsAnswer`: first, and when it changes                                                 |
 * | event     | `EventInfo`                                                                                |
 *
 * `?since=` (ms since the Unix epoch) leaves out samples of the ring up to that time. A client that does not read is dropped.
 */
import { z } from '../plugin/index.ts';

import { seriesName } from './series.ts';

export const liveSeries = z.object({ names: z.array(seriesName) });
/** Counters are as they are counted, not rates. */
export const liveSample = z.object({ at: z.number(), values: z.array(z.number().nullable()) });

export type LiveSeries = z.infer<typeof liveSeries>;
export type LiveSample = z.infer<typeof liveSample>;
