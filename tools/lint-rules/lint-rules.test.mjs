import { RuleTester } from 'eslint';
import { afterAll, describe, it } from 'vitest';
import noDefaultExport from './no-default-export.mjs';
import noInheritedKey from './no-inherited-key.mjs';
import noSwallowedFailure from './no-swallowed-failure.mjs';
import noVagueName from './no-vague-name.mjs';

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;
RuleTester.afterAll = afterAll;

const tester = new RuleTester({ languageOptions: { ecmaVersion: 2024, sourceType: 'module' } });

tester.run('no-default-export', noDefaultExport, {
  valid: ['export const finding = 1;'],
  invalid: [{ code: 'export default 1;', errors: [{ messageId: 'named' }] }],
});

tester.run('no-inherited-key', noInheritedKey, {
  valid: ["const held = 'takenBy' in lease;", 'Object.hasOwn(KINDS, kind);'],
  invalid: [{ code: 'const known = kind in KINDS;', errors: [{ messageId: 'inherited' }] }],
});

tester.run('no-vague-name', noVagueName, {
  valid: [
    { code: 'function observeServer() {}', filename: 'src/adapters/database/observer.ts' },
    { code: 'function document() {}', filename: 'src/core/document.ts' },
  ],
  invalid: [
    { code: 'const x = 1;', filename: 'src/core/utils.ts', errors: [{ messageId: 'file' }] },
    { code: 'const x = 1;', filename: 'src/common/finding.ts', errors: [{ messageId: 'file' }] },
    { code: 'function handleFinding() {}', filename: 'src/core/finding.ts', errors: [{ messageId: 'verb' }] },
  ],
});

tester.run('no-swallowed-failure', noSwallowedFailure, {
  valid: [
    'try { read(); } catch (cause) { tell(cause); }',
    'read().catch((cause) => tell(cause));',
    'remove().catch(() => undefined);',
  ],
  invalid: [
    { code: 'try { read(); } catch {}', errors: [{ messageId: 'empty' }] },
    { code: 'const rows = await read().catch(() => []);', errors: [{ messageId: 'value' }] },
    { code: "read().catch(() => '');", errors: [{ messageId: 'value' }] },
    { code: 'read().catch(() => ({}));', errors: [{ messageId: 'value' }] },
  ],
});
