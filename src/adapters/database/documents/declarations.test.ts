import { describe, expect, it } from 'vitest';
import { aUnit } from '../../../../test/support/builders.ts';
import { parseYamlDocuments } from '../../files/yaml-document.ts';
import { readDeclarations } from './declarations.ts';

const INSTANCE = `apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseInstance
metadata: {name: payments-db}
spec: {engine: postgres, connection: {host: localhost}}
`;

function refusedOf(document: string): readonly (readonly [string, number, string])[] {
  const unit = aUnit({ source: {} });
  const { refused } = readDeclarations(
    unit,
    parseYamlDocuments('kedge/test.yaml', `${INSTANCE}---\n${document}`).documents,
  );
  return refused.map((each) => [each.resource, each.location.column, each.message]);
}

describe('documents of a database that cannot be judged', () => {
  it('say every fault at once, under the name they have on the server', () => {
    const refused = refusedOf(`apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseRole
metadata: {name: reporting}
spec: {roleName: report_readers, instanceRef: {name: payments-db}, postgres: {superuser: "yes", createDB: often}}
`);

    expect(refused).toEqual([
      ['role/report_readers', 90, 'DatabaseRole reporting.spec.postgres.superuser must be true or false, and is text'],
      ['role/report_readers', 107, 'DatabaseRole reporting.spec.postgres.createDB must be true or false, and is text'],
    ]);
  });

  it('are never quoted: what stands in the wrong place may be a secret', () => {
    const refused = refusedOf(`apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseUser
metadata: {name: app}
spec: {username: 4711, instanceRef: hunter2, postgres: {connectionLimit: hunter2}}
`);

    expect(refused.map(([resource]) => resource)).toEqual(['user/app', 'user/app', 'user/app']);
    expect(JSON.stringify(refused)).not.toMatch(/hunter2|4711/);
  });
});
