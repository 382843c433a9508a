/** zod as every plugin uses it. Schemas are made with this `z`, so that the host reads them with the same copy of zod. */
import { z } from 'zod';

// A schema checks once or twice; compiling it for speed would cost more than that saves.
z.config({ jitless: true });

export { z };
