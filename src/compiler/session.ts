import type { UnetDeclaration } from '../../grammar/ast.js';
import { type Diagnosed, type Diagnostic, hasErrors } from '../diagnostics/diagnostic.js';
import type { SourceFile } from '../diagnostics/source-file.js';
import { atOwnLine, baseRequest, findingKeys } from '../language/modules/inherited-diagnostics.js';
import { atUserLine } from '../language/modules/library-diagnostics.js';
import { type Host, isStandard } from '../language/modules/modules.js';
import type { NetworkRequest } from '../language/modules/network-request.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import type { AblationSpec } from '../language/resolve/ablations.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { Declared, Findings } from './artifacts.js';
import type { CompiledNetwork } from './compiled-network.js';
import { type RunPass, runPass } from './pass.js';
import { compileNetwork, declarationsOf, type NetworkRun, passes } from './passes.js';

export interface CompileOptions {
  /** Where imports are read. Without a host, a file can import only the standard library. */
  readonly host?: Host;
  /** Values for `param`s, by name, as a file would write them. */
  readonly set?: Readonly<Record<string, string>>;
  /** Another input, as a file would write it: `1 x 188 x 188`. */
  readonly input?: string;
  /** Only this network (or `Study.Variant`) instead of all of the file. */
  readonly network?: string;
  /** Runs the passes instead of the compiler: see PassTimer. */
  readonly run?: RunPass;
}

export interface CompileResult {
  readonly diagnostics: readonly Diagnostic[];
  /** The networks without errors: those of the file, then the variants of its ablations. */
  readonly networks: readonly CompiledNetwork[];
  /** All names that a caller can ask for, with errors or without. */
  readonly names: readonly string[];
  readonly ablations: readonly AblationSpec[];
  /** The training recipes of the file. */
  readonly recipes: readonly RecipeSpec[];
  /** How far each network came, also with errors: for people who debug a spec. */
  readonly artifacts: readonly NetworkArtifacts[];
  /** The paths of the files that were read, for a caller that watches them. */
  readonly files: readonly string[];
  /** The text that was compiled, then everything that it imports, without the library's own. */
  readonly sources: readonly SourceFile[];
  /** True if expectations were left out because a param or the input was set from outside. */
  readonly expectationsLeftOut: boolean;
}

/** What the passes made of a network before the first error. */
export interface NetworkArtifacts {
  readonly name: string;
  readonly spec: NetworkSpec | undefined;
  /** The legal graphs, whether or not the declared input fits them. */
  readonly graphs: Pick<CompiledNetwork, 'graph' | 'training'> | undefined;
}

/** A network that was compiled, or could not be. */
interface Attempt {
  readonly compiled: CompiledNetwork | undefined;
  readonly artifacts: NetworkArtifacts;
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics by their keys: see findingKeys. */
  readonly findings: ReadonlyMap<string, Diagnostic>;
}

const emptyHost: Host = { read: () => undefined, resolve: (_from, specifier) => specifier };

/** One text in the compiler: it is parsed once, and each of its declarations is compiled once. */
export class CompileSession {
  private readonly declared: Diagnosed<Declared>;
  private readonly run: RunPass;
  private readonly attempts = new Map<UnetDeclaration, Attempt>();

  constructor(path: string, text: string, options: Omit<CompileOptions, 'network'> = {}) {
    const { host = emptyHost, set = {}, input, run = runPass } = options;
    this.run = run;
    this.declared = declarationsOf({ path, text, host, set, input }, run);
  }

  /** The names of the networks that the file declares, and of the variants of its ablations. No network is compiled. */
  get names(): readonly string[] {
    return this.declared.value.networks.map(({ name }) => name);
  }

  /** Compiles all networks of the file, or one of them. */
  compile(only?: string): CompileResult {
    const { program, networks, ablations, recipes, outside } = this.declared.value;
    const wanted = only === undefined ? networks : networks.filter(({ name }) => name === only);
    const attempts = wanted.map((request) => this.attempt(request));
    const found = [this.declared, ...attempts].flatMap(({ diagnostics }) => diagnostics);
    // An `allow` can be needless only if all networks were compiled, each as it is written.
    const complete = !hasErrors(found) && !outside.changes && only === undefined;
    const findings: Findings = {
      diagnostics: found,
      program,
      complete: complete ? program.entry : undefined,
      networks: compiledOf(this.attempts.values()),
    };
    const allowed = this.run(passes.allow, findings);
    const files = program.modules.map(({ file }) => file);
    const imported = files.filter((file) => file !== program.entry.file && !isStandard(file));
    return {
      diagnostics: ordered([...allowed.value.diagnostics, ...allowed.diagnostics], program.entry.file),
      networks: compiledOf(attempts),
      names: this.names,
      ablations,
      recipes,
      artifacts: attempts.map(({ artifacts }) => artifacts),
      files: files.map(({ path }) => path),
      sources: [program.entry.file, ...imported],
      expectationsLeftOut: outside.changes,
    };
  }

  /**
   * Compiles a network. An error that its base has too is reported once, at the base. An error that an inherited line
   * causes only here is reported at the own line that makes it one.
   */
  private attempt(request: NetworkRequest): Attempt {
    const { declaration } = request.located;
    const isVariant = request.edits.length > 0;
    const known = isVariant ? undefined : this.attempts.get(declaration);
    if (known) return known;
    const { params, outside } = this.declared.value;
    const { value, diagnostics } = compileNetwork({ request, params, outside }, this.run);
    const made = { compiled: compiledNetwork(value), artifacts: artifactsOf(request.name, value) };
    const raw = diagnostics.map((diagnostic) => atUserLine(diagnostic, [], request.nameSpan));
    // The attempt is known before its base is compiled, because bases may form a cycle.
    if (!isVariant) this.attempts.set(declaration, { ...made, diagnostics: raw, findings: new Map() });
    const attempt: Attempt = { ...made, ...this.reported(raw, request) };
    if (!isVariant) this.attempts.set(declaration, attempt);
    return attempt;
  }

  /** The diagnostics of a network, without a second report of what its base has too. */
  private reported(
    raw: readonly Diagnostic[],
    request: NetworkRequest,
  ): Pick<Attempt, 'diagnostics' | 'findings'> {
    const base = raw.length > 0 ? baseRequest(request) : undefined;
    const baseFindings = base && this.attempt(base).findings;
    const findings = new Map<string, Diagnostic>();
    const diagnostics = raw.map((diagnostic) => {
      const keys = findingKeys(diagnostic, request);
      const inBase = keys.map((key) => baseFindings?.get(key)).find((one) => one !== undefined);
      const reported = inBase ?? atOwnLine(diagnostic, request);
      for (const key of keys) findings.set(key, reported);
      return reported;
    });
    return { diagnostics, findings };
  }
}

function compiledNetwork({ finished }: NetworkRun): CompiledNetwork | undefined {
  if (!finished) return undefined;
  const { request, spec, graph, training, axes, facts } = finished;
  return { name: request.name, spec, graph, training, axes, facts };
}

function artifactsOf(name: string, { resolved, verified }: NetworkRun): NetworkArtifacts {
  const graphs = verified && { graph: verified.graph, training: verified.training };
  return { name, spec: resolved?.spec, graphs };
}

function compiledOf(attempts: Iterable<Attempt>): readonly CompiledNetwork[] {
  return [...attempts].flatMap(({ compiled }) => (compiled ? [compiled] : []));
}

/** One of each, in the order of the text, the entry file's first. */
function ordered(diagnostics: readonly Diagnostic[], entry: SourceFile): readonly Diagnostic[] {
  const seen = new Set<string>();
  const unique = diagnostics.filter(({ code, span, message }) => {
    const key = [code, span.file.path, span.start, span.end, message].join('\0');
    return !seen.has(key) && seen.add(key);
  });
  const rank = (diagnostic: Diagnostic) => (diagnostic.span.file === entry ? 0 : 1);
  return unique.sort((a, b) => rank(a) - rank(b) || a.span.start - b.span.start || a.span.end - b.span.end);
}
