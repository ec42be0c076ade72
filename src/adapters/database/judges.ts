import type { Finding } from '../../core/model/finding.ts';
import type { Unit } from '../../core/model/unit.ts';
import { databaseOfPath } from './postgres/object-key.ts';
import { includesDatabase, includesRole, type DatabaseBlock } from './unit-block.ts';

function isRoleInScope(block: DatabaseBlock, finding: Finding, name: string): boolean {
  const isDeclared = finding.differences.some((each) => each.planes?.desired !== 'not-applicable');
  return isDeclared || includesRole(block, name);
}

/** Whether a finding is about what the unit's block lets be judged: no excluded database, no excluded role. */
export function judges(unit: Unit, finding: Finding): boolean {
  const block = unit.block as unknown as DatabaseBlock;
  const at = finding.resourceRef.indexOf('/');
  const name = finding.resourceRef.slice(at + 1);
  const type = finding.resourceRef.slice(0, at);
  if (type === 'database' && !includesDatabase(block, name)) return false;
  if (type === 'role' && !isRoleInScope(block, finding, name)) return false;
  return finding.differences.every(({ path }) => {
    const database = databaseOfPath(path);
    return database === undefined || includesDatabase(block, database);
  });
}
