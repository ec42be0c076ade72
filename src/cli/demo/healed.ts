import { passUnit } from '../../engine/pass.ts';
import { unitOf } from '../../engine/in-force.ts';
import { UNIT } from './documents.ts';
import type { Stage } from './stage.ts';

const HEALED = /\bALTER ROLE "app" CONNECTION LIMIT 20;/;

/** What its document lets heal is put back and verified; nothing else is touched. */
export async function healed(stage: Stage): Promise<void> {
  const { kedge, server, signal } = stage;
  const before = await stage.finding('/app', '/');
  const pass = await passUnit(kedge.context, { unit: unitOf(kedge.context, UNIT), lockTimeout: 30_000 }, signal);
  stage.claim(
    'one correction ran by itself',
    pass.healed.length === 1,
    pass.healed.map(({ action }) => action),
  );
  const action = pass.healed[0]?.action;
  stage.claim('a new observation verified it', action?.verification?.verdict === 'converged', action);
  const after = await kedge.store.findFinding(before.finding.findingId);
  stage.claim(`${before.finding.findingId} is RESOLVED`, after?.finding.state === 'RESOLVED', after?.finding.state);
  const [role] = await server.sql('administrator', "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'");
  stage.claim('the server says 20 connections for app again', role?.['rolconnlimit'] === 20, role);
  const writes = (await server.writes()).filter((write) => write.user === 'kedge_writer');
  stage.claim(
    'the write role changed nothing else, says the log of the server',
    writes.length === 1 && writes.every((write) => HEALED.test(write.statement)),
    writes,
  );
  const readerWrites = (await server.writes()).filter((write) => write.user === 'kedge_reader');
  stage.claim('the read role wrote nothing at all', readerWrites.length === 0, readerWrites);
}
