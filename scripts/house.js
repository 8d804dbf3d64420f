// Checks and prints the rules that keep the sources easy to read: one direction of data, no import cycles, short files,
// small folders, one meaning for each exported name, a reason beside each type assertion. A test runs it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The rooms in the order in which data flows: a file imports from its own room's row and from the rows before it. */
export const rooms = [
  ['src/diagnostics'],
  ['grammar', 'src/ir'],
  ['src/language'],
  ['src/elaborate'],
  ['src/shape'],
  ['src/analysis'],
  ['src/expect', 'src/lint', 'src/draw'],
  ['src/weights'],
  ['codegen'],
  ['src/weights/bind'],
  ['src/compiler'],
  ['src/autodiff'],
  ['src/runtime'],
  ['src/formats'],
  ['src/data'],
  ['src/train'],
  ['src/cli'],
];

/** The rooms that run in a browser: they import nothing of Node. */
export const core = rooms
  .flat()
  .filter((room) => !['src/runtime', 'src/formats', 'src/data', 'src/train', 'src/cli'].includes(room));

/** The package's entry points: they name what every room offers. */
export const entryPoints = ['index', 'node', 'tfjs', 'tfjs-layers', 'typescript'].map(
  (name) => `src/${name}.ts`,
);

const declarations = ['src/build-constants.d.ts', 'src/raw-text.d.ts'];

export const fileLimit = 350;
export const folderLimit = 15;

/** Files over the limit, each with the reason why it stays whole. */
const longFiles = {};

/** Names that several files export on purpose. */
const sharedNames = {
  command: 'each file of src/cli/commands exports its command under this name',
};

/** Tables with an entry for each op: their functions carry the op's name, which means the same op in each. */
const opTables = ['src/autodiff/rules', 'codegen/onnx/lower', 'codegen/tfjs/lower'];

/** All source files of the product, by their path from the root. */
export const files = ['grammar', 'src', 'codegen'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .sort(),
);

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

export const textOf = (file) => texts.get(file) ?? '';

/** The specifiers that a file imports or re-exports from. */
export function importsOf(file) {
  return [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier);
}

/** The source files that a file imports. */
export function sourcesOf(file) {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('?raw'))
    .map((specifier) => relative(root, join(root, dirname(file), specifier)).replace(/\.js$/, '.ts'))
    .map((path) => (texts.has(path) ? path : path.replace(/\.ts$/, '.d.ts')))
    .filter((path) => texts.has(path));
}

/** The row of `rooms` that a file belongs to: the row of the longest folder that contains it. */
export function rowOf(file) {
  const matches = rooms.flatMap((folders, row) =>
    folders.filter((folder) => file.startsWith(`${folder}/`)).map((folder) => ({ row, folder })),
  );
  const best = matches.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (!best) throw new Error(`${file} is in no room: add its folder to scripts/house.js`);
  return best.row;
}

function upwardImports() {
  return files
    .filter((file) => !entryPoints.includes(file) && !declarations.includes(file))
    .flatMap((file) =>
      sourcesOf(file)
        .filter((source) => entryPoints.includes(source) || rowOf(source) > rowOf(file))
        .map((source) => `${file} imports ${source}`),
    );
}

/** Strongly connected components of more than one file (Tarjan 1972). */
function importCycles() {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const cycles = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const source of sourcesOf(file)) {
      if (!index.has(source)) visit(source);
      if (stack.includes(source)) low.set(file, Math.min(low.get(file), low.get(source)));
    }
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1) cycles.push(component.join(', '));
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return cycles;
}

function linesOf(file) {
  return textOf(file).split('\n').length - 1;
}

function longWithoutReason() {
  const long = files.filter((file) => linesOf(file) > fileLimit);
  return [
    ...long.filter((file) => !longFiles[file]).map((file) => `${file} has ${linesOf(file)} lines`),
    ...Object.keys(longFiles)
      .filter((file) => !long.includes(file))
      .map((file) => `${file} is not too long any more: remove its reason`),
  ];
}

function fullFolders() {
  const counts = new Map();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > folderLimit)
    .map(([folder, count]) => `${folder} has ${count} files`);
}

/** Names that more than one file declares and exports; a re-export is the same name. */
function ambiguousExports() {
  const owners = new Map();
  for (const file of files) {
    const pattern =
      /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
    for (const [, name] of textOf(file).matchAll(pattern)) {
      owners.set(name, new Set([...(owners.get(name) ?? []), file]));
    }
  }
  return [...owners]
    .filter(([name, where]) => where.size > 1 && !sharedNames[name] && ![...where].every(isInOpTable))
    .map(([name, where]) => `${name}: ${[...where].join(', ')}`);
}

function isInOpTable(file) {
  return opTables.includes(dirname(file));
}

/** Type assertions (`as`, and `!` after an expression) without a comment on the line or in the four lines before it. */
function bareAssertions() {
  return files.flatMap((file) => {
    const lines = textOf(file).split('\n');
    return lines.flatMap((line, at) => {
      const code = line.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, "''").replace(/\/\/.*$/, '');
      if (/^\s*(\*|\/\*)/.test(line) || !/\bas (?!const\b)[A-Za-z({[]/.test(code)) return [];
      if (/^\s*(import|export)\b/.test(line) || /^\s*(type )?\w+ as \w+,?$/.test(line)) return [];
      if (/\* as \w+/.test(code)) return [];
      const commented = lines.slice(Math.max(0, at - 4), at + 1).some((one) => /\/\/|\*\/|^\s*\*/.test(one));
      return commented ? [] : [`${file}:${at + 1}: ${line.trim()}`];
    });
  });
}

/** Each rule, with what breaks it. */
export const rules = [
  { rule: 'Data flows one way', broken: upwardImports },
  { rule: 'No file imports itself through others', broken: importCycles },
  { rule: `No file has more than ${fileLimit} lines without a reason`, broken: longWithoutReason },
  { rule: `No folder has more than ${folderLimit} source files`, broken: fullFolders },
  { rule: 'Every exported name has one meaning', broken: ambiguousExports },
  { rule: 'Every type assertion has a comment', broken: bareAssertions },
];

if (process.argv[1] && statSync(process.argv[1]).ino === statSync(fileURLToPath(import.meta.url)).ino) {
  let broken = 0;
  for (const { rule, broken: find } of rules) {
    const found = find();
    broken += found.length;
    console.log(`${found.length === 0 ? 'ok    ' : 'broken'}  ${rule}`);
    for (const line of found) console.log(`        ${line}`);
  }
  process.exitCode = broken > 0 ? 1 : 0;
}
