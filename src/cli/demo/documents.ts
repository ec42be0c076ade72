import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoServer } from '../../app/demo-server.ts';

export const UNIT = 'payments-db';

/** What the administrator sets up before anybody watches: roles, a table, and the two identities of Kedge. */
export const SETUP_SQL = `
CREATE ROLE app LOGIN CONNECTION LIMIT 20;
CREATE ROLE reporting;
CREATE ROLE mallory LOGIN SUPERUSER PASSWORD :'mallory';
CREATE ROLE kedge_reader LOGIN PASSWORD :'kedge_reader';
CREATE ROLE kedge_writer LOGIN SUPERUSER PASSWORD :'kedge_writer';
CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric NOT NULL);
GRANT USAGE ON SCHEMA public TO reporting;
GRANT SELECT ON payments TO reporting;
`;

function databaseDocuments(server: DemoServer): string {
  return `apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseInstance
metadata: {name: payments-db}
spec:
  engine: postgres
  connection: {host: ${server.host}, port: ${server.port}}
  driftPolicy: {mode: detect}
---
apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseUser
metadata: {name: app}
spec:
  instanceRef: {name: payments-db}
  username: app
  driftPolicy: {mode: correct}
  postgres: {connectionLimit: 20}
---
apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseRole
metadata: {name: reporting}
spec:
  instanceRef: {name: payments-db}
  roleName: reporting
  postgres:
    grants:
      - {database: payments, schema: public, privileges: [USAGE]}
      - {database: payments, schema: public, tables: [payments], privileges: [SELECT]}
`;
}

function unitDocument(server: DemoServer): string {
  return `apiVersion: kedge.dev/v1alpha1
kind: DriftManagedUnit
metadata: {name: ${UNIT}}
spec:
  type: database-instance
  owner: payments
  environment: prod
  source: {path: kedge/databases}
  credentials: {username: kedge_reader, password: {file: ${server.passwordFile('kedge_reader')}}}
  writeCredentials: {username: kedge_writer, password: {file: ${server.passwordFile('kedge_writer')}}}
`;
}

const CONFIGURATION = `apiVersion: kedge.dev/v1alpha1
kind: KedgeConfig
metadata: {name: kedge}
spec:
  access: {localApprovals: true}
`;

/** Writes the configuration, the unit and the declared state, as a team would keep them in Git. */
export async function writeDocuments(project: string, server: DemoServer): Promise<void> {
  await mkdir(join(project, 'kedge', 'databases'), { recursive: true });
  await mkdir(join(project, 'kedge', 'units'), { recursive: true });
  await writeFile(join(project, 'kedge.yaml'), CONFIGURATION);
  await writeFile(join(project, 'kedge', 'databases', 'payments.yaml'), databaseDocuments(server));
  await writeFile(join(project, 'kedge', 'units', 'payments-db.yaml'), unitDocument(server));
}
