/**
 * After a write of which only a part came: cuts the file back to its size before. Windows refuses that on a handle that appends (EPERM),
 * and allows it by the path.
 */
import { errorCode } from './errors.ts';

/** @throws what cutting by the handle throws, or by the path where the handle may not */
export async function cutBack(byHandle: () => Promise<void>, byPath: () => Promise<void>): Promise<void> {
  try {
    await byHandle();
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
    await byPath();
  }
}

/** Like `cutBack`. */
export function cutBackSync(byHandle: () => void, byPath: () => void): void {
  try {
    byHandle();
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
    byPath();
  }
}
