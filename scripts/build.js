// Bundles the library's entry points and the command line into dist/, then emits the declarations.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { layerBundles, main } from './bundles.js';
import { pageScripts } from './page-bundles.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The licenses of packages that come without the text of theirs. */
const missingLicenses = { '@niivue/niivue': `${root}scripts/licenses/niivue.txt` };

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);
const { metafile } = await build(main);
for (const bundle of layerBundles) await build(bundle);
const pages = await build(pageScripts);

writeFileSync(
  `${root}dist/THIRD-PARTY.txt`,
  licensesOf([metafile, pages.metafile].flatMap(({ inputs }) => Object.keys(inputs))),
);

// Pages of volumes contain the code of others, so they carry its licenses.
const volumeScript = `${root}dist/view-volume.js`;
const [volume] = Object.values(pages.metafile.outputs).filter(({ entryPoint }) =>
  /volume-main/.test(entryPoint ?? ''),
);
const notices = licensesOf(Object.keys(volume?.inputs ?? {})).replace(/\*\//g, '* /');
writeFileSync(volumeScript, `${readFileSync(volumeScript, 'utf8')}/*\n${notices}*/\n`);

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
    const path = file === undefined ? missingLicenses[name] : `${folder}/${file}`;
    const text = path === undefined ? '' : readFileSync(path, 'utf8').trim();
    return `${name} ${number} (${license})\n\n${text}\n`;
  });
  return `This software contains code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
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
