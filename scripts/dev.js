// `npm run dev`: rebuilds dist/ after each change (without the declarations), and runs the tests that the change
// concerns. What follows `--` goes to vitest: `npm run dev -- test/grammar` watches these tests alone.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { layerBundles, main } from './bundles.js';
import { pageScripts } from './page-bundles.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Says when a bundle is ready, and removes the chunks that only an earlier build had. */
function report(name) {
  let written = [];
  return {
    name: 'report',
    setup(build) {
      build.onEnd(({ errors, metafile }) => {
        if (errors.length > 0 || !metafile) return;
        const outputs = Object.keys(metafile.outputs);
        for (const file of written) if (!outputs.includes(file)) rmSync(resolve(root, file), { force: true });
        written = outputs;
        console.log(`built ${name}`);
      });
    },
  };
}

// The declarations of an earlier build go, too: nothing would keep them up to date.
rmSync(`${root}dist`, { recursive: true, force: true });

const bundles = [main, ...layerBundles, pageScripts].map((bundle) => {
  const name = bundle.outfile ?? `${bundle.outdir}/*.js`;
  return context({ ...bundle, plugins: [...bundle.plugins, report(name)] });
});
const contexts = await Promise.all(bundles);
for (const one of contexts) await one.watch();

const filters = process.argv.slice(2);
const vitest = spawn(
  process.execPath,
  [
    resolve(root, 'node_modules/vitest/vitest.mjs'),
    ...['watch', '--project', 'default'],
    ...(filters.length > 0 ? filters : ['--changed']),
  ],
  { cwd: root, stdio: 'inherit' },
);
vitest.on('exit', async (code) => {
  await Promise.all(contexts.map((one) => one.dispose()));
  process.exit(code ?? 1);
});
