import type { VoteContext } from '../core/policy/approval/vote.ts';
import type { PolicySettings } from '../core/policy/policy-set.ts';
import type { EngineContext } from './context.ts';

/** Who may consent now: by the settings in force, and not who is thought to have made the drift. */
export function toVoteContext(
  { clock }: Pick<EngineContext, 'clock'>,
  { aliases, localApprovals }: PolicySettings,
  driftActors: readonly (string | undefined)[],
): VoteContext {
  return {
    now: clock.now(),
    aliases,
    localApprovals,
    driftActors: driftActors.filter((each) => each !== undefined),
    authors: [],
    groupsOf: () => [],
  };
}
