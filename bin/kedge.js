#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `kedge needs Node 24 or newer; this is ${process.version}. This works: npx -y -p node@24 -p kedge kedge ${process.argv.slice(2).join(' ')}\n`,
  );
  process.exitCode = 1;
} else {
  module.enableCompileCache?.();
  const built = new URL('../dist/cli/main.js', import.meta.url);
  const source = new URL('../src/cli/main.ts', import.meta.url);
  await import(existsSync(fileURLToPath(source)) ? source.href : built.href);
}
