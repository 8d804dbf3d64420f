// Bundles the library's doors and the command line into dist/, then emits the declarations.
// What runs without Node (the compiler and its parsers) is bundled; native packages stay outside.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(`${root}package.json`, 'utf8'),
);

/** `import text from './file?raw'`: the file's text as a string, as Vite and Vitest read it. */
const rawText = {
  name: 'raw-text',
  setup(build) {
    build.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -'?raw'.length)),
      namespace: 'raw-text',
    }));
    build.onLoad({ filter: /.*/, namespace: 'raw-text' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
  },
};

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);
const settings = {
  absWorkingDir: root,
  bundle: true,
  plugins: [rawText],
  target: 'es2022',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['import', 'node'],
  // What needs Node anyway is loaded as it is; only what also runs in a browser goes into the bundle.
  external: [
    'node:*',
    ...[dependencies, optionalDependencies, peerDependencies].flatMap((packages) => Object.keys(packages)),
    ...['@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  ],
  // picocolors asks for Node's process by its bare name, which a browser does not have.
  define: { __VERSION__: JSON.stringify(version), process: 'globalThis.process' },
  banner: { js: '/* unet-lang, Apache-2.0; bundled licenses: dist/THIRD-PARTY.txt */' },
  // Names stay: a stack trace from a user is still readable.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
const { metafile } = await build({
  ...settings,
  entryPoints: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    cli: 'src/cli/main.ts',
    'loader-worker': 'src/data/loader/worker.ts',
    tfjs: 'src/tfjs.ts',
    typescript: 'src/typescript.ts',
  },
  outdir: 'dist',
  splitting: true,
  format: 'esm',
});
// The layers are a file of their own, for pages that only load a model: as a module, and for a script tag.
const layers = { ...settings, entryPoints: ['src/tfjs-layers.ts'] };
await build({ ...layers, outfile: 'dist/tfjs-layers.js', format: 'esm' });
await build({ ...layers, outfile: 'dist/browser/tfjs-layers.js', format: 'iife', globalName: 'unetLayers' });

writeFileSync(`${root}dist/THIRD-PARTY.txt`, licensesOf(Object.keys(metafile.inputs)));

/** The licenses of the packages whose code is in the bundle, one after the other. */
function licensesOf(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (name !== undefined) packages.add(name);
  }
  const texts = [...packages].sort().map((name) => {
    const folder = `${root}node_modules/${name}`;
    const { version: number, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8').trim();
    return `${name} ${number} (${license})\n\n${text}\n`;
  });
  return `The bundles in this folder contain code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc');
if (existsSync(tsc) && !process.env.UNET_SKIP_TYPES) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
