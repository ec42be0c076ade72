/** The roots of the log's complete subtrees under the last checkpoint, so that appending reads no leaf again. */
export const LOG_FRONTIER = `
ALTER TABLE log_state ADD COLUMN frontier text;
`;
