import type { Unit } from '../../../core/model/unit.ts';
import { actAsGrant, administerGrant } from '../grants/actuator-grants.ts';
import { oneLine } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/statements/quote.ts';
import type { InspectionFinding } from './observer-findings.ts';
import type { ActuatorRight, RightsRead } from './rights.ts';

/** The name the actuator logs in with, where the document says it in plain text. */
export function actuatorName(unit: Unit): string | undefined {
  const username = unit.writeCredentials?.['username'];
  return typeof username === 'string' ? username : undefined;
}

function holds(rights: readonly ActuatorRight[], kind: ActuatorRight['kind']): boolean | undefined {
  return rights.find((each) => each.kind === kind)?.holds ?? undefined;
}

function missingMemberships(rights: RightsRead, actuator: string): readonly InspectionFinding[] {
  const major = Math.floor(rights.server.version / 10_000);
  return rights.actuator
    .filter((each) => (each.kind === 'owner' || each.kind === 'managed') && each.holds === false)
    .map((each) => ({
      check: 'missing grant',
      status: 'fail',
      detail: `${oneLine(actuator)} cannot ${each.kind === 'owner' ? 'act as' : 'administer'} ${oneLine(each.role)}: a correction there is refused with PERMISSION`,
      next: each.kind === 'owner' ? actAsGrant(each.role, actuator) : administerGrant(each.role, actuator, major),
    }));
}

/** What doctor says of the identity that writes, read from the catalogs with the observer's eyes. */
export function actuatorFindings(rights: RightsRead, unit: Unit): readonly InspectionFinding[] {
  const check = 'actuator';
  if (unit.writeCredentials === undefined) {
    return [{ check, status: 'pass', detail: 'no writeCredentials: Kedge cannot write here (NO_WRITE_CREDENTIALS)' }];
  }
  const actuator = actuatorName(unit);
  if (actuator === undefined)
    return [
      { check, status: 'unknown', detail: 'the name of the actuator comes from a secret and is not read for a look' },
    ];
  const own = holds(rights.actuator, 'self');
  if (own === undefined)
    return [
      {
        check,
        status: 'fail',
        detail: `there is no role ${oneLine(actuator)}`,
        next: 'run what `kedge db grants UNIT --role actuator` prints',
      },
    ];
  if (holds(rights.actuator, 'superuser') === true) {
    return [
      {
        check,
        status: 'fail',
        detail: `${oneLine(actuator)} is a superuser: OVERPRIVILEGED`,
        next: 'write with the role that `kedge db grants UNIT --role actuator` prints',
      },
    ];
  }
  const attribute: readonly InspectionFinding[] = own
    ? []
    : [
        {
          check: 'missing grant',
          status: 'fail',
          detail: `${oneLine(actuator)} may not change roles`,
          next: `ALTER ROLE ${quoteIdentifier(actuator)} CREATEROLE;`,
        },
      ];
  const missing = [...attribute, ...missingMemberships(rights, actuator)];
  return missing.length > 0
    ? missing
    : [{ check, status: 'pass', detail: `${oneLine(actuator)} can administer every declared role` }];
}
