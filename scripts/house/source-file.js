// What the rules of scripts/house.js read from a source file: its imports, its exports and its type assertions, all
// from the syntax tree. TypeScript 7 offers programs no parser, so the one inside ts-morph reads the files.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from 'ts-morph';
import { bareAssertions, isAssertion } from './assertions.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All source files of the product, by their path from the root. */
export const files = ['grammar', 'src', 'codegen'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .sort(),
);

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

export const textOf = (file) => texts.get(file) ?? '';

const read = new Map();

/** What a file imports, exports and asserts; each file is parsed once. */
export function sourceFile(file) {
  if (!read.has(file)) read.set(file, sourceFileOf(file, textOf(file)));
  return read.get(file);
}

/** The same for a text that need not be on the disk. */
export function sourceFileOf(file, text) {
  // Comments of documentation are comments here; without a tree for each of them, parsing is quicker.
  const options = {
    languageVersion: ts.ScriptTarget.ES2022,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  const tree = ts.createSourceFile(file, text, options, true);
  const imports = [];
  const assertions = [];
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push(specifier);
    if (isAssertion(node, tree)) assertions.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return {
    imports,
    exports: exportsIn(tree),
    bareAssertions: bareAssertions(assertions, tree, text),
  };
}

/** The source file that a file imports under a specifier; undefined for packages and texts. */
export function resolveImport(file, specifier) {
  if (!specifier.startsWith('.') || specifier.endsWith('?raw')) return undefined;
  const path = relative(root, join(root, dirname(file), specifier)).replace(/\.js$/, '.ts');
  return [path, path.replace(/\.ts$/, '.d.ts')].find((one) => texts.has(one));
}

/** The specifier of an import or re-export: of a statement, an `import()` call or an `import()` type. */
function specifierOf(node) {
  let specifier;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node)) specifier = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    specifier = node.arguments[0];
  }
  return specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

/**
 * The exported names. `local` is the name inside the file that declares it; `from` is the specifier of the file that a
 * re-export takes it from. `export *` has the name `*`.
 */
function exportsIn(tree) {
  const imported = new Map();
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) {
      imported.set(name.text, { local: (propertyName ?? name).text, from: statement.moduleSpecifier.text });
    }
  }
  return tree.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier?.text;
      const clause = statement.exportClause;
      if (!clause) return [{ name: '*', local: '*', from }];
      if (ts.isNamespaceExport(clause)) return [{ name: clause.name.text, local: clause.name.text }];
      return clause.elements.map(({ name, propertyName }) => {
        const local = (propertyName ?? name).text;
        return from === undefined && imported.has(local)
          ? { name: name.text, ...imported.get(local) }
          : { name: name.text, local, from };
      });
    }
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations
        .flatMap(({ name }) => namesIn(name))
        .map((name) => ({ name, local: name }));
    }
    return statement.name ? [{ name: statement.name.text, local: statement.name.text }] : [];
  });
}

/** The names that a declaration binds: one, or those of a pattern. */
function namesIn(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (element.name ? namesIn(element.name) : []));
}
