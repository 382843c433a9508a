/** The OpenAPI document of this version, for `docs/openapi.json`. */
import { systemClock } from '../core/clock.ts';
import { silentLog } from '../core/logger.ts';

import { openApi } from './openapi.ts';
import { ServerPart } from './part.ts';
import { NO_SOURCES } from './sources.ts';

export function openApiDocument(version: string): unknown {
  const part = new ServerPart({
    sources: NO_SOURCES,
    platform: process.platform,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    version,
  });
  return openApi(part.routes, version);
}
