// Rewrites the generated parts of the documentation: the tables of the language and of training, the standard blocks,
// the list of commands, and the pictures. With --check it changes nothing, and fails if a part is out of date.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { attributeOptions, attributes, code, recipe, signature, stages, table } from './language-tables.js';
import { trainingTables } from './training-tables.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const checkOnly = process.argv.includes('--check');
const stale = [];

/** The compiler's own tables, loaded from the sources. */
async function load() {
  const contents = `
    export { attributeTable } from './src/language/schema/attributes.js';
    export { layerSchema } from './src/language/schema/layers.js';
    export { recipeTable } from './src/language/schema/recipe-attributes.js';
    export { lossText } from './src/language/recipes/loss-text.js';
    export { PROBABILITY } from './src/data/augment/augmentation.js';
    export { METRIC_NAMES } from './src/train/metrics/requested-metrics.js';
    export { trainingSettings } from './src/train/loop/training-settings.js';
    export { commands } from './src/cli/commands.js';
  `;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    // The commands load their code only when they run, so it can stay outside.
    plugins: [{ name: 'lazy', setup: (b) => b.onResolve({ filter: /./ }, lazy) }],
    define: { __VERSION__: '""' },
  });
  const [file] = outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`);
}

function lazy({ kind, path }) {
  return kind === 'dynamic-import' ? { path, external: true } : undefined;
}

function commandList({ commands }) {
  const rows = Object.entries(commands).map(([name, { summary }]) => [
    `[${code(`unet ${name}`)}](#unet-${name})`,
    summary,
  ]);
  return table(['command', 'what it does'], rows);
}

function blocks() {
  return `\`\`\`unet\n${readFileSync(`${root}specs/lib/blocks.unet`, 'utf8').trimEnd()}\n\`\`\``;
}

/** A row for each network in specs/: the count that its spec claims, and the count that the compiler finds. */
async function networkTable() {
  const { compile, sizeRule } = await import('../dist/index.js');
  const { nodeHost } = await import('../dist/node.js');
  const files = readdirSync(`${root}specs`, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.unet') && !file.startsWith('lib/'))
    // The files at the top come first, then folder by folder.
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
  const rows = files.flatMap((file) => {
    const path = `${root}specs/${file}`;
    const text = readFileSync(path, 'utf8');
    const { networks, diagnostics } = compile(path, text, { host: nodeHost });
    if (networks.length === 0)
      throw new Error(`specs/${file}: ${diagnostics.map((d) => d.message).join('; ')}`);
    return networks.map((network) => {
      const { facts, axes, graph } = network;
      const { claimed, source } = claimOf(network);
      const training = facts.trainingParameters;
      const inference = training === facts.parameters ? '' : ` (inference ${counted(facts.parameters)})`;
      const rules = axes.map((axis, i) => sizeRule(graph, axis, i).slice(3));
      const sizes =
        new Set(rules).size === 1 ? rules[0] : axes.map((axis, i) => sizeRule(graph, axis, i)).join('; ');
      const input = [graph.nodes[0].channels, ...graph.inputSize].join(' x ');
      return [
        `[${code(network.name)}](../specs/${file})`,
        claimed,
        counted(training) + inference,
        `${(facts.macs / 1e9).toFixed(2)} G at ${input}`,
        sizes,
        source,
      ];
    });
  });
  return table(['network', 'claimed', 'found', 'multiply-adds', 'sizes', 'source of the claim'], rows);
}

const counted = (number) => number.toLocaleString('en-US');

/** The parameter count that a spec claims, and the comment after that row. A count of training takes precedence. */
function claimOf({ spec }) {
  const rows = spec.expects.flatMap((expectation) => expectation.rows);
  const claims = rows
    .filter(({ left, operator }) => operator === '==' && /^params(\.training)?$/.test(textOf(left.span)))
    .map(({ span, right }) => {
      const line = span.file.text.slice(span.end).split('\n')[0];
      const claimed = right.kind === 'number' ? counted(right.value) : textOf(right.span);
      return { claimed, source: /\/\/ (.*)/.exec(line)?.[1] ?? '' };
    });
  const claim = claims.at(-1);
  if (!claim?.source) throw new Error(`${spec.name} has no expectation of params with a comment after it`);
  return claim;
}

const textOf = ({ file, start, end }) => file.text.slice(start, end);

/** The generated parts of docs/training.md. */
async function trainingParts({ recipeTable, lossText, PROBABILITY, METRIC_NAMES, trainingSettings }) {
  const { compile } = await import('../dist/index.js');
  const compiled = (text) => {
    const result = compile('docs.unet', `unet Net { input = 1 x 64 x 64; padding = same; ${text}`);
    if (result.diagnostics.length > 0) throw new Error(result.diagnostics[0].message);
    return result;
  };
  const standard = (network) => trainingSettings(compiled(network).networks[0], undefined);
  return trainingTables({
    ...{ recipeTable, lossText, PROBABILITY, METRIC_NAMES, code, table, signature },
    standard: {
      softmax: standard('classes = 2 }'),
      sigmoid: standard('classes = 1; head = sigmoid }'),
    },
    augmentation: (word) =>
      compiled(`classes = 2 } training T { augment = [${word}] }`).recipes[0].values.augment[0],
  });
}

const parts = {
  networks: ({ networks }) => networks,
  attributes,
  'attribute options': attributeOptions,
  stages,
  recipe,
  commands: commandList,
  'standard blocks': blocks,
};

/** Writes each part between `<!-- generated: name -->` and `<!-- end of name -->`. */
function filled(path, text, tables) {
  return text.replace(/<!-- generated: ([\w ]+) -->\n[\s\S]*?<!-- end of \1 -->/g, (_, name) => {
    const part = parts[name];
    if (!part)
      throw new Error(`${path} contains the part \`${name}\`, which scripts/docs.js does not generate`);
    return `<!-- generated: ${name} -->\n${part(tables)}\n<!-- end of ${name} -->`;
  });
}

const pictures = {
  'docs/pictures/unet2d.svg': 'specs/unet2d.unet',
  'docs/pictures/unet3d.svg': 'specs/unet3d.unet',
};

function drawing(spec) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/unet.js', 'draw', spec], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`unet draw ${spec} failed: ${stderr}`);
  return stdout;
}

function put(path, text) {
  const file = resolve(root, path);
  let before;
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    before = undefined;
  }
  if (before === text) return;
  stale.push(path);
  if (checkOnly) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const tables = { ...(await load()), networks: await networkTable() };
Object.assign(parts, await trainingParts(tables));
for (const path of ['docs/language.md', 'docs/commands.md', 'docs/networks.md', 'docs/training.md']) {
  put(path, filled(path, readFileSync(root + path, 'utf8'), tables));
}
for (const [path, spec] of Object.entries(pictures)) put(path, drawing(spec));

if (checkOnly && stale.length > 0) {
  process.stderr.write(`out of date: ${stale.join(', ')} (run \`npm run docs\`)\n`);
  process.exitCode = 1;
} else if (!checkOnly) {
  process.stdout.write(stale.length > 0 ? `rewrote ${stale.join(', ')}\n` : 'everything was up to date\n');
}
