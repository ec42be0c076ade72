/** Clean checks wait until the publisher gathers them into one entry. */
export const GATHERED_CHECKS = `
ALTER TABLE checks ADD COLUMN gathered boolean NOT NULL DEFAULT true;
CREATE INDEX checks_waiting ON checks (finished_at, check_id) WHERE NOT gathered;
`;
