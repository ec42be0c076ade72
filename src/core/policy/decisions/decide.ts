import { riskAtLeast, type Action, type Approval } from '../../model/vocabulary.ts';
import { admissible } from './admissible.ts';
import { DECISION_TABLE, type DecisionRow } from './decision-table.ts';
import type { DecisionSubject, OwnRow } from './decision-subject.ts';

/** The row that decided, and the rows that matched but would not have restored the right relationship. */
export interface Decided {
  readonly action: Action;
  readonly approval: Approval;
  readonly rule: string;
  readonly when: string;
  readonly incident: boolean;
  readonly inadmissible: readonly { readonly rule: string; readonly action: Action; readonly because: string }[];
}

function asksIncident(row: DecisionRow, subject: DecisionSubject): boolean {
  return row.action === 'INCIDENT' || row.action === 'INCIDENT_AND_REVERT' || (row.incident?.(subject) ?? false);
}

function toRow({ name, action, approval, answer }: OwnRow): DecisionRow {
  return { name, when: 'a row of your own', holds: () => answer === 'true', action, approval };
}

/** The first row that matches and is admissible; a team's own rows before the shipped ones. without one INCIDENT at HIGH and above, else NONE. */
export function decide(subject: DecisionSubject): Decided {
  const inadmissible: { rule: string; action: Action; because: string }[] = [];
  for (const row of [...subject.ownRows.map(toRow), ...DECISION_TABLE]) {
    if (!row.holds(subject)) continue;
    const verdict = admissible(row.action, subject);
    if (verdict.admissible)
      return {
        action: row.action,
        approval: row.approval,
        rule: row.name,
        when: row.when,
        incident: asksIncident(row, subject),
        inadmissible,
      };
    inadmissible.push({ rule: row.name, action: row.action, because: verdict.because });
  }
  const high = riskAtLeast(subject.leading.risk, 'HIGH');
  return {
    action: high ? 'INCIDENT' : 'NONE',
    approval: 'none',
    rule: 'none',
    when: 'no row is admissible',
    incident: high,
    inadmissible,
  };
}
