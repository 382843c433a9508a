/**
 * How the journal's files are opened. Symbolic links are not followed: whoever could place one would choose which file is
 * read or written. (Windows has no such flag; `undefined` counts as 0 here.)
 */
import { constants } from 'node:fs';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = constants;

export const READ = O_RDONLY | O_NOFOLLOW;
/** Creates it if it is not there. */
export const UPDATE = O_RDWR | O_CREAT | O_NOFOLLOW;
/** Fails if something is there. */
export const WRITE_NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
