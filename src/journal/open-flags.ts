/**
 * Open flags of the journal's files. Symbolic links are not followed, because a planted link could redirect reads and writes.
 * (Windows has no O_NOFOLLOW; `undefined` counts as 0.)
 */
import { constants } from 'node:fs';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = constants;

export const READ = O_RDONLY | O_NOFOLLOW;
/** Creates the file if needed. */
export const UPDATE = O_RDWR | O_CREAT | O_NOFOLLOW;
/** Fails if the path exists. */
export const WRITE_NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
