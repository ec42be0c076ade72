import { UNIT } from './documents.ts';
import type { Stage } from './stage.ts';

/** What is declared is there, and the first check says so with counts. */
export async function declared(stage: Stage): Promise<void> {
  stage.claim('the check ends with code 0', (await stage.check()) === 0);
  const unit = await stage.kedge.store.findUnit(UNIT);
  const check = unit?.lastCheck;
  stage.claim('the store holds one complete check, IN_SYNC', check?.result === 'IN_SYNC' && !check.partial, check);
  const compared = check?.resourcesCompared ?? 0;
  stage.claim(`${compared} resources were compared, at least the four declared`, compared >= 4, compared);
  stage.claim('there is no finding', (await stage.findings()).length === 0);
}

/** Somebody changes three things by hand, past everybody. */
export async function drift(stage: Stage): Promise<void> {
  const statements = [
    'ALTER ROLE app CONNECTION LIMIT 200',
    'ALTER ROLE reporting SUPERUSER',
    'GRANT DELETE ON payments TO reporting',
  ];
  for (const statement of statements) {
    await stage.server.sql('mallory', statement);
    stage.say(`   mallory> ${statement};`);
  }
  const [app] = await stage.server.sql('administrator', "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'");
  stage.claim('the server itself says 200 connections for app', app?.['rolconnlimit'] === 200, app);
}
