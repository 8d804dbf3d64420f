// Reads emitted declarations: what a file exports, where a name is declared, and which other names it uses.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ts } from 'ts-morph';

/** The declarations in a folder that `tsc` has emitted; each file is parsed once. */
export class Declarations {
  #folder;
  #files = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** The exported names of a file, each with what it stands for: `{ file, name }`. */
  exportsOf(file) {
    const { exports, stars } = this.#file(file);
    const inherited = stars.flatMap((specifier) => {
      const source = this.#resolve(file, specifier);
      return source ? [...this.exportsOf(source)].filter(([name]) => name !== 'default') : [];
    });
    const own = [...exports].map(([name, { local, from }]) => [name, this.#target(file, local, from)]);
    return new Map([...inherited, ...own]);
  }

  /** The statements that declare a name. */
  nodesOf({ file, name }) {
    return this.#file(file).declared.get(name) ?? [];
  }

  /** What a statement refers to in these declarations; globals and packages are left out. */
  usesOf(file, node) {
    const targets = [];
    const add = (target) => target && this.nodesOf(target).length > 0 && targets.push(target);
    const visit = (at) => {
      if (isPrivate(at)) return;
      if (ts.isTypeReferenceNode(at)) add(this.#named(file, at.typeName));
      else if (ts.isTypeQueryNode(at)) add(this.#named(file, at.exprName));
      else if (ts.isExpressionWithTypeArguments(at)) add(this.#named(file, at.expression));
      else if (ts.isComputedPropertyName(at)) add(this.#named(file, at.expression));
      else if (ts.isImportTypeNode(at) && at.qualifier) {
        const source = this.#resolve(file, at.argument.literal.text);
        if (source) add(this.exportsOf(source).get(firstOf(at.qualifier)));
      }
      ts.forEachChild(at, visit);
    };
    visit(node);
    return targets;
  }

  /** What a name in a file stands for; undefined for globals, packages and type parameters. */
  #named(file, name) {
    const text = firstOf(name);
    const { declared, imported } = this.#file(file);
    if (declared.has(text)) return { file, name: text };
    const binding = imported.get(text);
    return binding && this.#target(file, binding.local, binding.from);
  }

  /** Follows imports and re-exports to the declaration. A name of a package stays one of the file that has it. */
  #target(file, local, from) {
    if (from !== undefined) {
      const source = this.#resolve(file, from);
      return source ? this.exportsOf(source).get(local) : { file: from, name: local };
    }
    const binding = this.#file(file).imported.get(local);
    return binding ? this.#target(file, binding.local, binding.from) : { file, name: local };
  }

  #resolve(file, specifier) {
    if (!specifier.startsWith('.')) return undefined;
    const path = join(dirname(file), specifier).replace(/\.js$/, '.d.ts');
    return existsSync(join(this.#folder, path)) ? path : undefined;
  }

  #file(file) {
    if (!this.#files.has(file)) {
      const path = join(this.#folder, file);
      this.#files.set(file, existsSync(path) ? read(readFileSync(path, 'utf8')) : read(''));
    }
    return this.#files.get(file);
  }
}

/** Whether a member is private: no caller sees it. A private constructor stays, because it forbids `new`. */
export function isPrivate(node) {
  if (node.name && ts.isPrivateIdentifier(node.name)) return true;
  const hasModifier = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
  return hasModifier === true && !ts.isConstructorDeclaration(node);
}

/** The first identifier of `a.b.c`. */
function firstOf(name) {
  if (ts.isQualifiedName(name)) return firstOf(name.left);
  if (ts.isPropertyAccessExpression(name)) return firstOf(name.expression);
  return name.text;
}

function read(text) {
  const tree = ts.createSourceFile('one.d.ts', text, ts.ScriptTarget.ES2022, true);
  const file = { declared: new Map(), imported: new Map(), exports: new Map(), stars: [] };
  const declare = (name, node) => file.declared.set(name, [...(file.declared.get(name) ?? []), node]);
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, file);
    else if (ts.isExportDeclaration(statement)) readExport(statement, file);
    else {
      const names = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map((one) => one.name.text)
        : [statement.name?.text].filter((name) => name !== undefined);
      const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      for (const name of names) {
        declare(name, statement);
        if (isExported) file.exports.set(name, { local: name });
      }
    }
  }
  return file;
}

function readImport({ importClause, moduleSpecifier }, file) {
  const bindings = importClause?.namedBindings;
  const from = moduleSpecifier.text;
  if (importClause?.name) file.imported.set(importClause.name.text, { local: 'default', from });
  if (!bindings || !ts.isNamedImports(bindings)) return;
  for (const { name, propertyName } of bindings.elements) {
    file.imported.set(name.text, { local: (propertyName ?? name).text, from });
  }
}

function readExport({ exportClause, moduleSpecifier }, file) {
  const from = moduleSpecifier?.text;
  if (!exportClause) file.stars.push(from);
  else if (ts.isNamedExports(exportClause)) {
    for (const { name, propertyName } of exportClause.elements) {
      file.exports.set(name.text, { local: (propertyName ?? name).text, from });
    }
  }
}
