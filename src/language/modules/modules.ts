import type {
  AblationDeclaration,
  BlockDeclaration,
  Declaration,
  ImportDeclaration,
  ParamDeclaration,
  TrainingDeclaration,
  UnetDeclaration,
} from '../../../grammar/ast.js';
import { type ParsedFile, parse } from '../../../grammar/parse/parse.js';
import standardBlocks from '../../../specs/lib/blocks.unet?raw';
import { type Diagnosed, diagnose, type Reporter } from '../../diagnostics/diagnostic.js';
import { SourceFile } from '../../diagnostics/source-file.js';
import type { Span } from '../../diagnostics/span.js';
import { didYouMean, suggestionFor } from '../../diagnostics/suggest.js';
import { reportDuplicateName } from './report-duplicate.js';

/** Where texts come from: files, the buffers of an editor, the map of a test. The core opens no file itself. */
export interface Host {
  /** The text of a file; undefined if the file does not exist or cannot be read. */
  read(path: string): string | undefined;
  /** The path of an imported file; `from` is the path of the importing file. */
  resolve(from: string, specifier: string): string;
}

/** A declaration with a name. */
export type Named =
  | ParamDeclaration
  | UnetDeclaration
  | BlockDeclaration
  | TrainingDeclaration
  | AblationDeclaration;

/** A declaration with its module, which decides what the names in it mean. */
export interface Located<D extends Named = Named> {
  readonly declaration: D;
  readonly module: Module;
}

/** A file with all names that can be used in it. */
export interface Module {
  readonly file: SourceFile;
  readonly parsed: ParsedFile;
  /** The file's own and imported declarations by name. */
  readonly names: ReadonlyMap<string, Located>;
  /** Names whose declaration has an error or was not found. Using them is not a second error. */
  readonly poisoned: ReadonlySet<string>;
}

/** A file with everything that it imports. */
export interface Program {
  readonly entry: Module;
  /** All modules, imported ones before their importers. */
  readonly modules: readonly Module[];
}

/** A module whose imports are being read. */
interface OpenModule extends Module {
  readonly names: Map<string, Located>;
  readonly poisoned: Set<string>;
}

const STANDARD: Readonly<Record<string, string>> = { 'std/blocks': standardBlocks };
const MODULE_LIMIT = 1_000;
export const LANGUAGE_VERSION = 1;

export function isNamed(declaration: Declaration): declaration is Named {
  return declaration.kind !== 'import' && declaration.kind !== 'language';
}

/** Whether a file belongs to the standard library. */
export function isStandard(file: Pick<SourceFile, 'path'>): boolean {
  return Object.hasOwn(STANDARD, file.path);
}

const parsedLibrary = new Map<string, ParsedFile>();

/** Parses each text of the standard library once, since these texts never change. */
function parsedStandard(path: string, text: string): ParsedFile {
  const parsed = parsedLibrary.get(path) ?? parse(new SourceFile(path, text));
  parsedLibrary.set(path, parsed);
  return parsed;
}

/** Parses a text and everything it imports, each file once. */
export function loadProgram(path: string, text: string, host: Host): Diagnosed<Program> {
  return diagnose((reporter) => {
    const loader = new ModuleLoader(host, reporter);
    return { entry: loader.loadText(path, text), modules: loader.all };
  });
}

class ModuleLoader {
  private readonly modules = new Map<string, Module>();
  private readonly loading: string[] = [];

  constructor(
    private readonly host: Host,
    private readonly reporter: Reporter,
  ) {}

  /** All loaded modules; an imported module comes before its importer. */
  get all(): readonly Module[] {
    return [...this.modules.values()];
  }

  /** Loads a text. */
  loadText(path: string, text: string): Module {
    const known = this.modules.get(path);
    if (known) return known;
    const parsed = Object.hasOwn(STANDARD, path)
      ? parsedStandard(path, text)
      : parse(new SourceFile(path, text));
    const { file } = parsed;
    this.reporter.include(parsed.diagnostics);
    const module: OpenModule = { file, parsed, names: new Map(), poisoned: new Set() };
    this.loading.push(path);
    this.checkLanguage(module);
    if (!Object.hasOwn(STANDARD, path)) this.addPrelude(module);
    this.declare(module);
    for (const declaration of parsed.tree.declarations) {
      if (declaration.kind === 'import') this.importInto(module, declaration);
    }
    this.loading.pop();
    this.modules.set(path, module);
    return module;
  }

  private checkLanguage(module: Module): void {
    for (const [i, declaration] of module.parsed.tree.declarations.entries()) {
      if (declaration.kind !== 'language' || declaration.version.kind === 'missing') continue;
      const version = declaration.version.value;
      if (version !== LANGUAGE_VERSION || i > 0) {
        this.reporter.report('language-version', declaration.span, { version, first: i === 0 });
      }
    }
  }

  /** Adds the standard blocks, which need no import. A file's own names take precedence. */
  private addPrelude(module: OpenModule): void {
    const library = this.loadText('std/blocks', standardBlocks);
    for (const [name, located] of library.names) module.names.set(name, located);
  }

  private declare(module: OpenModule): void {
    const own = new Map<string, Named>();
    for (const declaration of module.parsed.tree.declarations) {
      if (!isNamed(declaration) || declaration.name === undefined) continue;
      const { name, span } = declaration.name;
      const earlier = own.get(name);
      if (earlier) {
        reportDuplicateName(name, span, earlier.name.span, this.reporter);
        continue;
      }
      own.set(name, declaration);
      module.names.set(name, { declaration, module });
      if (module.parsed.damaged.has(declaration)) module.poisoned.add(name);
    }
  }

  private importInto(module: OpenModule, declaration: ImportDeclaration): void {
    const { from } = declaration;
    const names = declaration.names.filter(Boolean);
    const target = from.kind === 'string' ? this.open(module, from.value, from.span) : undefined;
    for (const identifier of names) {
      const { name, span } = identifier;
      const own = module.names.get(name);
      if (own && own.module === module) {
        // If the file could not be imported, that has been reported, and nothing clashes.
        if (!target) continue;
        this.reporter.report(
          'duplicate-name',
          span,
          { name },
          {
            notes: [{ message: 'also declared here', span: own.declaration.name.span }],
          },
        );
        continue;
      }
      const found = target?.names.get(name);
      if (target && (!found || (found.module !== target && isStandard(found.module.file)))) {
        if (!target.poisoned.has(name) && target.parsed.diagnostics.length === 0)
          this.reportNotDeclared(target, name, span);
      }
      if (found && !target?.poisoned.has(name)) module.names.set(name, found);
      else module.poisoned.add(name);
    }
  }

  private reportNotDeclared(target: Module, name: string, span: Span): void {
    const own = [...target.names].filter(([, located]) => located.module === target).map(([n]) => n);
    const extras = suggestionFor(name, span, own, 'the file declares nothing');
    this.reporter.report('import-unknown-name', span, { name, path: target.file.path }, extras);
  }

  private open(module: Module, specifier: string, span: Span): Module | undefined {
    if (Object.hasOwn(STANDARD, specifier)) return this.loadText(specifier, STANDARD[specifier] ?? '');
    if (!/^\.{1,2}\//.test(specifier)) {
      const suggestion = didYouMean(specifier, Object.keys(STANDARD));
      return this.reporter.report(
        'import-not-found',
        span,
        { path: specifier },
        {
          help:
            suggestion === undefined
              ? 'a path begins with `./` or `../`; the standard library is "std/blocks"'
              : `did you mean "${suggestion}"?`,
        },
      );
    }
    const path = this.host.resolve(module.file.path, specifier);
    const cycle = this.loading.indexOf(path);
    if (cycle >= 0) {
      const chain = this.loading.slice(cycle);
      return this.reporter.report('import-cycle', span, { chain });
    }
    const known = this.modules.get(path);
    if (known) return known;
    if (this.modules.size >= MODULE_LIMIT || this.loading.length >= 100) {
      return this.reporter.report('too-many-files', span, { limit: MODULE_LIMIT });
    }
    const text = this.host.read(path);
    if (text === undefined) {
      const extras = { help: `looked for ${path}` };
      return this.reporter.report('import-not-found', span, { path: specifier }, extras);
    }
    return this.loadText(path, text);
  }
}

/**
 * A program with more names poisoned: its modules anew, whose names lead to each other. The program itself stays as it
 * is.
 */
export function withPoisoned(program: Program, poisoned: ReadonlyMap<Module, ReadonlySet<string>>): Program {
  if ([...poisoned.values()].every(({ size }) => size === 0)) return program;
  const renewed = new Map<Module, Module>();
  const renew = (module: Module) => renewed.get(module) ?? module;
  for (const module of program.modules) {
    const names = new Map<string, Located>();
    const all = new Set([...module.poisoned, ...(poisoned.get(module) ?? [])]);
    renewed.set(module, { ...module, names, poisoned: all });
    for (const [name, located] of module.names)
      names.set(name, { ...located, module: renew(located.module) });
  }
  return { entry: renew(program.entry), modules: program.modules.map(renew) };
}
