import { UNIT } from './documents.ts';
import type { Stage } from './stage.ts';

/** A server that does not answer is not in sync: nothing closes, and every clock goes on. */
export async function unreachable(stage: Stage): Promise<void> {
  const before = await stage.finding('/reporting', '/extraGrants');
  await stage.server.stop();
  stage.claim('the check ends with code 3', (await stage.check()) === 3);
  const check = (await stage.kedge.store.findUnit(UNIT))?.lastCheck;
  stage.claim(
    'the result is UNKNOWN, because UNREACHABLE',
    check?.result === 'UNKNOWN' && check.reasons.includes('UNREACHABLE'),
    check,
  );
  const after = await stage.kedge.store.findFinding(before.finding.findingId);
  stage.claim(
    'the DELETE finding is as open as before',
    after?.finding.state === before.finding.state,
    after?.finding.state,
  );
  stage.claim(
    'its clock was not set back',
    after?.finding.firstSeenAt === before.finding.firstSeenAt && after.finding.detectedAt === before.finding.detectedAt,
  );
}
