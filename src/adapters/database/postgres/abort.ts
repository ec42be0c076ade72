/** Whether a failure is the end of a deadline rather than a fault of the other side. */
export function isAbortError(cause: unknown): boolean {
  const { name } = cause as { name?: unknown };
  return name === 'AbortError' || name === 'TimeoutError';
}
