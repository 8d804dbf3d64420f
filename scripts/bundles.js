// What esbuild makes: the package's entry points and the command line in dist/. `npm run build` makes it once,
// `npm run dev` again after each change.
// What runs without Node (the compiler and its parsers) is bundled; native packages stay outside.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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
      watchFiles: [path],
    }));
  },
};

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

/** The entry points and the command line, with the code that they share in chunks. */
export const main = {
  ...settings,
  entryPoints: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    cli: 'src/cli/main.ts',
    'loader-worker': 'src/data/loader/worker.ts',
    'survey-thread': 'src/data/survey/survey-thread.ts',
    'engine-thread': 'src/runtime/onnxruntime/engine-thread.ts',
    tfjs: 'src/tfjs.ts',
    typescript: 'src/typescript.ts',
  },
  outdir: 'dist',
  splitting: true,
  format: 'esm',
};

const layers = { ...settings, entryPoints: ['src/tfjs-layers.ts'] };

/** The layers are a file of their own, for pages that only load a model: as a module, and for a script tag. */
export const layerBundles = [
  { ...layers, outfile: 'dist/tfjs-layers.js', format: 'esm' },
  { ...layers, outfile: 'dist/browser/tfjs-layers.js', format: 'iife', globalName: 'unetLayers' },
];
