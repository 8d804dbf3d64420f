#!/usr/bin/env node
// Starts the built command line. In a fresh checkout nothing is built yet: build first, once.
import { existsSync } from 'node:fs';
import module from 'node:module';

const cli = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(cli)) {
  const script = new URL('../scripts/build.js', import.meta.url);
  if (!existsSync(script)) {
    process.stderr.write(
      'unet: this installation is incomplete (dist/ is missing). Install unet-lang again.\n',
    );
    process.exit(1);
  }
  process.stderr.write('unet: building once...\n');
  await import(script.href);
}
// Where Node can keep compiled code between runs (22.1 and later), starting takes half the time.
module.enableCompileCache?.();
await import(cli.href);
