// Checks the walls of the house twice: the product must respect all of them, and a copy with one seeded breach a wall must not,
// so that a rule that has fallen silent fails the gate.
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config, { walls } from '../.dependency-cruiser.mjs';
import { root } from './stages.mjs';

const tsConfig = extractTSConfig(join(root, 'tsconfig.json'));

function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending));
}

async function look(baseDir) {
  const options = { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true, baseDir };
  const { output } = await cruise(['src'], options, { extensions: ['.ts', '.mjs', '.js'] }, { tsConfig });
  return output;
}

function describe({ rule, from, to, cycle }) {
  const path = cycle === undefined ? to : cycle.map((each) => each.name ?? each).join(' → ');
  return `${rule.name}: ${from} → ${path}`;
}

const expected = filesBelow(join(root, 'src'), '.ts').length;
const product = await look(root);
const seen = product.modules.filter((module) => module.source.startsWith('src/')).length;
const faults = product.summary.violations.map(describe);
if (seen < expected) faults.push(`only ${seen} of ${expected} modules were seen: the walls are not checked`);

const copy = join(root, '.tools', 'breaches');
rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const name of ['src', 'tsconfig.json', 'package.json'])
  cpSync(join(root, name), join(copy, name), { recursive: true });
cpSync(join(root, 'test', 'breaches', 'src'), join(copy, 'src'), { recursive: true });
const appended = join(root, 'test', 'breaches', 'appended');
for (const name of filesBelow(appended, '.ts'))
  appendFileSync(join(copy, 'src', name), readFileSync(join(appended, name)));
const breached = await look(copy);
const fired = new Set(breached.summary.violations.map((violation) => violation.rule.name));
for (const wall of walls)
  if (!fired.has(wall.name)) faults.push(`the wall ${wall.name} does not find its seeded breach`);
rmSync(copy, { recursive: true, force: true });

for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${seen} modules, ${walls.length} walls, ${fired.size} seeded breaches found\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
