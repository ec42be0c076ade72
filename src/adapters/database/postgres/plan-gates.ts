import type { Difference } from '../../../core/model/difference.ts';
import type { GateResult } from '../../../core/model/gate.ts';
import type { PlanRequest } from '../../../ports/actuator.ts';
import type { PlanFacts } from './server-facts.ts';

const fail = (code: string, because: string): GateResult => ({ code, status: 'fail', because });

const WRITING_ACTIONS: ReadonlySet<string> = new Set(['RUNTIME_REVERT', 'INCIDENT_AND_REVERT']);

function serverGates(request: PlanRequest, facts: PlanFacts | undefined): readonly GateResult[] {
  if (request.unit.writeCredentials === undefined) {
    return [fail('NO_WRITE_CREDENTIALS', 'the unit names no writeCredentials')];
  }
  if (facts === undefined) return [fail('OBSERVATION_STALE', 'the observation does not say which server it saw')];
  if (facts.tls === 'none' || facts.tls === 'unverified') {
    return [
      fail(
        'TLS_WEAK',
        `the connection to ${facts.host} does not prove that it is this server: set tls.mode verify-full`,
      ),
    ];
  }
  return facts.inRecovery ? [fail('NOT_PRIMARY', `${facts.host} is a standby; writing needs the primary`)] : [];
}

/** A loss the document allows, or that an approver saw listed. */
function mayLose(request: PlanRequest, difference: Difference): boolean {
  const resource = request.observation.resources.find((each) => each.resource === difference.resource);
  return request.approved || resource?.operatorSwitch?.allowsDestructive === true;
}

function pathGates(request: PlanRequest, difference: Difference): readonly GateResult[] {
  if (difference.actual.status === 'unknown' || difference.desired.status === 'unknown') {
    return [fail('OBSERVATION_STALE', `${difference.path}: nobody knows what is there`)];
  }
  if (difference.destructive && !mayLose(request, difference)) {
    return [fail('DESTRUCTIVE', `${difference.path}: putting it back loses data or access`)];
  }
  return [];
}

/** Conditions of this system that stop a plan before any statement is thought of. */
export function planGates(request: PlanRequest, facts: PlanFacts | undefined): readonly GateResult[] {
  if (!WRITING_ACTIONS.has(request.action)) {
    return [fail('INADMISSIBLE', `${request.action} writes nothing to a database server`)];
  }
  const gates = serverGates(request, facts);
  return gates.length > 0 ? gates : request.differences.flatMap((difference) => pathGates(request, difference));
}
