// Checks and prints the rules that keep the sources easy to read: one direction of data, no import cycles, short files,
// small folders, one meaning for each exported name, a reason beside each type assertion. A test runs it.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { files, resolveImport, sourceFile, textOf } from './house/source-file.js';

export { files, textOf };

/** The rooms in the order in which data flows: a file imports from its own room's row and from the rows before it. */
export const rooms = [
  ['src/diagnostics'],
  ['grammar', 'src/ir', 'src/normalize', 'src/resample', 'src/objects', 'src/metrics'],
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
  ['src/images'],
  ['src/data'],
  ['src/predict'],
  ['src/view'],
  ['src/train'],
  ['src/evaluate'],
  ['src/report'],
  ['src/cli'],
];

/** The rooms that run in a browser: they import nothing of Node. */
export const core = rooms
  .flat()
  .filter(
    (room) =>
      ![
        'src/runtime',
        'src/formats',
        'src/images',
        'src/data',
        'src/predict',
        'src/view',
        'src/train',
        'src/evaluate',
        'src/report',
        'src/cli',
      ].includes(room),
  );

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

/** The specifiers that a file imports or re-exports from. */
export function importsOf(file) {
  return sourceFile(file).imports;
}

/** The source files that a file imports. */
export function sourcesOf(file) {
  return importsOf(file).flatMap((specifier) => resolveImport(file, specifier) ?? []);
}

const longestFirst = rooms.flat().sort((a, b) => b.length - a.length);
const rows = new Map(rooms.flatMap((folders, row) => folders.map((folder) => [folder, row])));

/** The room that a file belongs to: the longest folder of `rooms` that contains it. */
export function roomOf(file) {
  const room = longestFirst.find((folder) => file.startsWith(`${folder}/`));
  if (!room) throw new Error(`${file} is in no room: add its folder to scripts/house.js`);
  return room;
}

/** The row of `rooms` that a file belongs to. */
function rowOf(file) {
  return rows.get(roomOf(file));
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

/** Names under which the files export more than one thing; a re-export is the thing that it takes on. */
function ambiguousExports() {
  const origins = new Map();
  for (const file of files) {
    for (const exported of sourceFile(file).exports) {
      if (exported.name === '*') continue;
      origins.set(exported.name, new Set([...(origins.get(exported.name) ?? []), originOf(file, exported)]));
    }
  }
  return [...origins]
    .filter(([name, where]) => where.size > 1 && !sharedNames[name] && ![...where].every(isInOpTable))
    .map(([name, where]) => `${name}: ${[...where].join(', ')}`);
}

/** Where an exported thing is declared: `FILE`, or `FILE (NAME)` if it has another name there. */
function originOf(file, { name, local, from }) {
  const source = from === undefined ? undefined : resolveImport(file, from);
  const place = declaredIn(source ?? from ?? file, local);
  return place.local === name ? place.file : `${place.file} (${place.local})`;
}

/** Follows re-exports to the file that declares a name; a package is its own end. */
function declaredIn(file, name) {
  if (!files.includes(file)) return { file, local: name };
  const exported = sourceFile(file).exports;
  const one = exported.find((candidate) => candidate.name === name);
  if (one && one.from === undefined) return { file, local: one.local };
  if (one) return declaredIn(resolveImport(file, one.from) ?? one.from, one.local);
  for (const { name: every, from } of exported) {
    const source = every === '*' ? resolveImport(file, from) : undefined;
    if (source && exportsName(source, name)) return declaredIn(source, name);
  }
  return { file, local: name };
}

function exportsName(file, name) {
  return sourceFile(file).exports.some(
    (one) => one.name === name || (one.name === '*' && exportsName(resolveImport(file, one.from), name)),
  );
}

function isInOpTable(file) {
  return opTables.includes(dirname(file));
}

/** Names that say nothing about what is in a file. */
function emptyNames() {
  return files.filter((file) =>
    file.split('/').some((name) => /(^|[-.])(utils?|misc|helpers?|common)([-.]|$)/i.test(name)),
  );
}

function bareAssertions() {
  return files.flatMap((file) =>
    sourceFile(file).bareAssertions.map(({ line, text }) => `${file}:${line}: ${text.replace(/\s+/g, ' ')}`),
  );
}

/** Each rule, with what breaks it. */
export const rules = [
  { rule: 'Data flows one way', broken: upwardImports },
  { rule: 'No file imports itself through others', broken: importCycles },
  { rule: `No file has more than ${fileLimit} lines without a reason`, broken: longWithoutReason },
  { rule: `No folder has more than ${folderLimit} source files`, broken: fullFolders },
  { rule: 'No file is named utils, misc, helpers or common', broken: emptyNames },
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
