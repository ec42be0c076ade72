#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const LEAST_MAJOR = 24;
const words = process.argv.slice(2);

/** The Node that a clone brought for itself, when it did. */
function ownNode() {
  const windows = process.platform === 'win32';
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const path = `../.tools/node/node_modules/${name}/bin/${windows ? 'node.exe' : 'node'}`;
  const full = fileURLToPath(new URL(path, import.meta.url));
  return existsSync(full) ? full : undefined;
}

/** A word as a shell takes it back. */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

if (Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR) {
  module.enableCompileCache?.();
  const built = new URL('../dist/cli/main.js', import.meta.url);
  const source = new URL('../src/cli/main.ts', import.meta.url);
  await import(existsSync(fileURLToPath(source)) ? source.href : built.href);
} else {
  const node = ownNode();
  if (node === undefined) {
    process.stderr.write(
      `kedge needs Node ${LEAST_MAJOR} or newer; this is ${process.version}. This works: npx -y -p node@${LEAST_MAJOR} -p kedge kedge ${words.map(quoted).join(' ')}\n`,
    );
    process.exitCode = 1;
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...words], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('close', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
    });
  }
}
