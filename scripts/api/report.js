// The report of a package's public API: for each entry point the names that it exports and their signatures, then the
// other types that these signatures use. It has no comments, no private members, and an order that only names decide.
import { ts } from 'ts-morph';
import { Declarations, isPrivate } from './declarations.js';

/** @param entries the entry points: their specifier, and their file in the folder of declarations */
export function apiReports(folder, entries) {
  const declarations = new Declarations(folder);
  const exported = entries.map(({ file }) => declarations.exportsOf(file));
  // A type that several entry points use is in the first report that needs it.
  const shown = new Set(
    exported.flatMap((names) => [...names].filter(isOwnName).map(([, target]) => idOf(target))),
  );
  return entries.map(({ specifier }, i) => {
    const names = exported[i];
    const used = usedBy(declarations, [...names.values()], shown);
    const own = [...names].map(([name, target]) => ({ name, text: exportText(declarations, name, target) }));
    const others = used.map((target) => ({ name: target.name, text: declarationText(declarations, target) }));
    return { specifier, text: reportText(specifier, own, others) };
  });
}

/** Whether a thing is exported under the name that it has in its file. */
function isOwnName([name, target]) {
  return name === target.name;
}

const idOf = ({ file, name }) => `${file}#${name}`;

/** What the declarations use, directly or through others, and no report shows yet. */
function usedBy(declarations, targets, shown) {
  const found = [];
  const visit = (target) => {
    for (const node of declarations.nodesOf(target)) {
      for (const use of declarations.usesOf(target.file, node)) {
        if (shown.has(idOf(use))) continue;
        shown.add(idOf(use));
        found.push(use);
        visit(use);
      }
    }
  };
  for (const target of targets) {
    if (!shown.has(idOf(target))) {
      shown.add(idOf(target));
      found.push(target);
    }
    visit(target);
  }
  return found;
}

function exportText(declarations, name, target) {
  if (name !== target.name) return `export { ${target.name} as ${name} };`;
  const nodes = declarations.nodesOf(target);
  return nodes.length > 0
    ? declarationText(declarations, target)
    : `export { ${name} } from '${target.file}';`;
}

const printer = ts.createPrinter({ removeComments: true });

function declarationText(declarations, target) {
  return declarations
    .nodesOf(target)
    .map((node) => printer.printNode(ts.EmitHint.Unspecified, withoutPrivate(node), node.getSourceFile()))
    .map((text) => text.replace(/^(export |declare )+/, ''))
    .join('\n');
}

/** A class without what nobody outside can use; everything else as it is. */
function withoutPrivate(node) {
  if (!ts.isClassDeclaration(node)) return node;
  const members = node.members.filter((member) => !isPrivate(member));
  const { factory } = ts;
  return factory.updateClassDeclaration(
    node,
    node.modifiers,
    node.name,
    node.typeParameters,
    node.heritageClauses,
    members,
  );
}

function reportText(specifier, own, others) {
  const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.text < b.text ? -1 : 1);
  const block = (parts) =>
    `\`\`\`ts\n${parts
      .sort(byName)
      .map(({ text }) => text)
      .join('\n\n')}\n\`\`\`\n`;
  const rest =
    others.length === 0
      ? ''
      : `\n## Types that these use\n\nNo entry point exports them under these names.\n\n${block(others)}`;
  return `# \`${specifier}\`\n\n\`npm run api\` writes this page from the declarations.\n\n${block(own)}${rest}`;
}
