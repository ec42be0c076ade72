import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { localPrincipal } from '../../app/kedge.ts';
import type { ActionRecord } from '../../core/model/action-record.ts';
import type { ApprovalRecord, Principal } from '../../core/model/approval-record.ts';
import { vote } from '../../engine/approve.ts';
import { reconcileAction } from '../../engine/reconcile.ts';
import { requestCorrection } from '../../engine/request.ts';
import type { Stage } from './stage.ts';

const SUPERUSER_SQL = "SELECT rolsuper FROM pg_roles WHERE rolname = 'reporting'";

async function isSuperuser(stage: Stage): Promise<boolean> {
  const [role] = await stage.server.sql('administrator', SUPERUSER_SQL);
  return role?.['rolsuper'] === true;
}

/** Another person of the machine, played by the demonstration. */
function simulated(name: string): Principal {
  return { kind: 'LOCAL', id: `local:${name}@demo`, name: `${name} (simulated)` };
}

async function castVote(stage: Stage, approval: ApprovalRecord, by: Principal): ReturnType<typeof vote> {
  const { approvalId, digest } = approval;
  return await vote(stage.kedge.context, { approvalId, by, decision: 'approve', digest, reason: 'looked at the plan' });
}

/** When the intent stood in the evidence folder, by the clock of the file system. */
async function intentPublishedAt(stage: Stage, findingId: string): Promise<number> {
  const day = findingId.slice('drift-'.length, 'drift-'.length + 8);
  const folder = join(
    stage.folder,
    'project',
    '.kedge',
    'evidence',
    'drift',
    day.slice(0, 4),
    day.slice(4, 6),
    day.slice(6),
    findingId,
  );
  const file = (await readdir(folder)).find((name) => name.endsWith('-action-intended.dsse.json'));
  stage.claim('the intent stands in the evidence folder', file !== undefined, folder);
  return (await stat(join(folder, file ?? ''))).mtimeMs;
}

async function approve(stage: Stage, action: ActionRecord, requester: Principal): Promise<void> {
  const { kedge } = stage;
  const approval = await kedge.store.findApproval(action.approvalId ?? '');
  if (approval === undefined) throw new Error(`the approval ${action.approvalId ?? ''} is gone`);
  stage.claim(
    `its revert needs ${approval.approval}: ${approval.approvers} people`,
    approval.approvers === 2,
    approval,
  );
  const own = await castVote(stage, approval, requester);
  stage.claim(
    "the requester's own approval is refused: SEPARATION_OF_DUTIES",
    own.status === 'refused' && own.code === 'SEPARATION_OF_DUTIES',
    own,
  );
  const first = await castVote(stage, approval, simulated('alice'));
  stage.claim(
    'alice (simulated) approves the digest of the plan; one is not enough',
    first.status === 'recorded' && first.record.status === 'PENDING',
    first,
  );
  stage.claim('nothing was written: reporting still is a superuser', await isSuperuser(stage));
  const second = await castVote(stage, approval, simulated('bob'));
  stage.claim(
    'bob (simulated) approves; now it is granted',
    second.status === 'recorded' && second.record.status === 'GRANTED',
    second,
  );
}

/** The dangerous one waits for two other people, is written after its evidence, and verified by a new look. */
export async function approved(stage: Stage, requester = localPrincipal({})): Promise<void> {
  const { kedge, server, signal } = stage;
  const { finding } = await stage.finding('/reporting', '/attributes/superuser');
  stage.claim(
    'SUPERUSER did not heal by itself',
    (await isSuperuser(stage)) && finding.state !== 'RESOLVED',
    finding.state,
  );
  const requested = await requestCorrection(
    kedge.context,
    { findingId: finding.findingId, action: undefined, requester, reason: 'not declared by anybody' },
    signal,
  );
  stage.claim(
    `${requester.name} asks for ${requested.action.action}: it waits for approval`,
    requested.action.status === 'AWAITING_APPROVAL',
    requested.action,
  );
  for (const step of requested.action.plan?.steps ?? []) stage.say(`   plan> ${step.statement}`);
  await approve(stage, requested.action, requester);
  const { action } = await reconcileAction(kedge.context, requested.action.actionId, signal);
  stage.claim(
    'it was written, and a new observation verified it',
    action.verification?.verdict === 'converged',
    action,
  );
  stage.claim('the server says: no superuser', !(await isSuperuser(stage)));
  const publishedAt = await intentPublishedAt(stage, finding.findingId);
  const write = (await server.writes()).findLast((each) => each.user === 'kedge_writer');
  stage.claim(
    'the intent was published before the server saw the write',
    write !== undefined && publishedAt <= Date.parse(write.at) && /NOSUPERUSER/.test(write.statement),
    { publishedAt, write },
  );
  const after = await kedge.store.findFinding(finding.findingId);
  stage.claim(`${finding.findingId} is RESOLVED`, after?.finding.state === 'RESOLVED', after?.finding.state);
}
