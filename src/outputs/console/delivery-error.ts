/** What went wrong with standard output, in words. */
export function errorText(error: Error & { readonly code?: unknown }): string {
  return error.code === 'EPIPE'
    ? 'Could not print metrics: the program that read standard output has ended'
    : 'Could not print metrics on standard output';
}
