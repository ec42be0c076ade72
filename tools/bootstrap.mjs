// Runs a task of the project with nothing but Node 18 or newer and npm: takes Node 24 from npm when the running one is older,
// installs the pinned dependencies when they are absent or older than the lock file, then runs the task. Works offline the second time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_VERSION = '24.21.0';
const LEAST_MAJOR = 24;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const TASKS = {
  test: ['tools/test.mjs'],
  demo: ['bin/kedge.js', 'demo'],
  'test:real': ['tools/test-real.mjs'],
  bench: ['bench/main.ts'],
  references: ['tools/references.mjs'],
};

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function run(command, argv, options = {}) {
  const result = spawnSync(command, argv, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) fail(`cannot run ${command}: ${result.error.message}`);
  return result;
}

function npm(argv, cwd = root) {
  const inherited = process.env.npm_execpath;
  const [command, first] =
    inherited === undefined ? [process.platform === 'win32' ? 'npm.cmd' : 'npm', []] : [process.execPath, [inherited]];
  const result = run(command, [...first, ...argv], {
    cwd,
    shell: process.platform === 'win32' && inherited === undefined,
  });
  if (result.status !== 0) fail(`npm ${argv.join(' ')} ended with ${String(result.status)}`);
}

/** The Node this project runs on: the running one, or one from npm that stays inside the project. */
function nodePath() {
  if (Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR) return process.execPath;
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const folder = join(root, '.tools', 'node');
  const path = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(path)) {
    process.stderr.write(
      `Node ${process.versions.node} is older than ${LEAST_MAJOR}: taking ${name}@${NODE_VERSION} from npm into .tools/node\n`,
    );
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `${name}@${NODE_VERSION}`], folder);
  }
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (version !== `v${NODE_VERSION}`)
    fail(`${path} answers ${String(version)}, not v${NODE_VERSION}: remove .tools/node and try again`);
  return path;
}

/** Installs exactly what the lock file pins, once for each lock file. */
function install() {
  const stamp = join(root, 'node_modules', '.kedge-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  writeFileSync(stamp, wanted);
}

const [task = '', ...rest] = process.argv.slice(2);
const argv = TASKS[task];
if (argv === undefined) fail(`no task "${task}": one of ${Object.keys(TASKS).join(', ')}`);
const node = nodePath();
install();
const result = run(node, [...argv, ...rest], {
  env: { ...process.env, PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}` },
});
process.exit(result.status ?? 1);
