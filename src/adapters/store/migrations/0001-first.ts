/** The first schema. Text compares by bytes; instants of Kedge's own are RFC 3339 text, those of leases are the database's. */
export const FIRST = `
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO meta VALUES ('store_id', gen_random_uuid()::text);

CREATE TABLE units (unit text COLLATE "C" PRIMARY KEY, body text NOT NULL);
CREATE TABLE checks (check_id text COLLATE "C" PRIMARY KEY, unit text COLLATE "C" NOT NULL, finished_at text COLLATE "C" NOT NULL, result text NOT NULL, body text NOT NULL);
CREATE INDEX checks_of_unit ON checks (unit, finished_at DESC);

CREATE TABLE findings (
  finding_id text COLLATE "C" PRIMARY KEY, unit text COLLATE "C" NOT NULL, identity text COLLATE "C" NOT NULL, state text NOT NULL, risk text NOT NULL,
  drift_class text NOT NULL, resource text COLLATE "C" NOT NULL, owner text NOT NULL, last_seen_at text COLLATE "C" NOT NULL, resolved_at text COLLATE "C",
  body text NOT NULL, life text NOT NULL
);
CREATE UNIQUE INDEX one_life_an_identity ON findings (identity) WHERE state NOT IN ('RESOLVED', 'ARCHIVED');
CREATE INDEX findings_of_unit ON findings (unit, state);
CREATE TABLE finding_days (day text PRIMARY KEY, last integer NOT NULL);

CREATE TABLE snapshots (unit text COLLATE "C" NOT NULL, resource text COLLATE "C" NOT NULL, body text NOT NULL, PRIMARY KEY (unit, resource));

CREATE TABLE actions (
  action_id text COLLATE "C" PRIMARY KEY, finding_id text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL, status text NOT NULL,
  requested_at text COLLATE "C" NOT NULL, body text NOT NULL
);
CREATE INDEX actions_of_finding ON actions (finding_id);
CREATE TABLE approvals (
  approval_id text COLLATE "C" PRIMARY KEY, action_id text COLLATE "C" NOT NULL, finding_id text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL,
  status text NOT NULL, requested_at text COLLATE "C" NOT NULL, body text NOT NULL
);
CREATE INDEX approvals_of_finding ON approvals (finding_id);

CREATE TABLE about_heads (kind text NOT NULL, id text COLLATE "C" NOT NULL, digest text, PRIMARY KEY (kind, id));
CREATE TABLE entries (
  id text COLLATE "C" PRIMARY KEY, seq bigserial NOT NULL, type text NOT NULL, at text COLLATE "C" NOT NULL, unit text COLLATE "C",
  about_kind text NOT NULL, about_id text COLLATE "C" NOT NULL, statement bytea NOT NULL, digest text NOT NULL,
  idx bigint UNIQUE, published boolean NOT NULL DEFAULT false, leaf_hash bytea
);
CREATE INDEX entries_about ON entries (about_kind, about_id, seq);
CREATE INDEX entries_waiting ON entries (seq) WHERE NOT published;
CREATE TABLE entry_artifacts (entry_id text COLLATE "C" NOT NULL REFERENCES entries, position integer NOT NULL, digest text NOT NULL, PRIMARY KEY (entry_id, position));
CREATE TABLE artifact_chunks (digest text COLLATE "C" NOT NULL, chunk integer NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (digest, chunk));
CREATE TABLE log_state (log integer PRIMARY KEY, size bigint NOT NULL, checkpoint text);
INSERT INTO log_state VALUES (1, 0, NULL);

CREATE FUNCTION entries_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP IN ('DELETE', 'TRUNCATE') OR (NEW.id, NEW.seq, NEW.type, NEW.at, NEW.about_kind, NEW.about_id, NEW.statement, NEW.digest)
      IS DISTINCT FROM (OLD.id, OLD.seq, OLD.type, OLD.at, OLD.about_kind, OLD.about_id, OLD.statement, OLD.digest)
      OR NEW.unit IS DISTINCT FROM OLD.unit OR (OLD.idx IS NOT NULL AND NEW.idx IS DISTINCT FROM OLD.idx) OR (OLD.published AND NOT NEW.published) THEN
    RAISE EXCEPTION 'evidence entries are append-only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $body$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION entries_are_append_only();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries EXECUTE FUNCTION entries_are_append_only();

CREATE TABLE outbox (
  id bigserial PRIMARY KEY, receiver text NOT NULL, kind text NOT NULL, finding_id text COLLATE "C", body text NOT NULL,
  attempts integer NOT NULL DEFAULT 0, sent_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (receiver, id) WHERE sent_at IS NULL;
CREATE TABLE counters (metric text NOT NULL, labels text COLLATE "C" NOT NULL, value double precision NOT NULL, PRIMARY KEY (metric, labels));
CREATE TABLE leases (name text COLLATE "C" PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, expires_at timestamptz NOT NULL);
CREATE TABLE evaluation_inputs (check_id text COLLATE "C" PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), body text NOT NULL);
`;
