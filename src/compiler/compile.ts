import type { Expression, UnetDeclaration } from '../../grammar/ast.js';
import { FILE_LIMIT, parseValue } from '../../grammar/parse/parse.js';
import { Facts } from '../analysis/facts.js';
import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.js';
import { SourceFile } from '../diagnostics/source-file.js';
import { contains, type Span } from '../diagnostics/span.js';
import { elaborate } from '../elaborate/elaborate.js';
import { checkExpectations } from '../expect/check-expectations.js';
import type { Graph } from '../ir/graph.js';
import { pinsSize } from '../ir/node-record.js';
import { verify } from '../ir/verify.js';
import { evaluate } from '../language/expressions/evaluate.js';
import { atOwnLine, baseRequest, findingKeys } from '../language/modules/inherited-diagnostics.js';
import { atUserLine, useNotes } from '../language/modules/library-diagnostics.js';
import { type Host, isStandard, type Module, ModuleLoader } from '../language/modules/modules.js';
import type { NetworkRequest } from '../language/modules/network-request.js';
import { type Override, Params } from '../language/modules/params.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import { resolveRecipe } from '../language/recipes/recipes.js';
import { type AblationSpec, resolveAblation } from '../language/resolve/ablations.js';
import { checkBlocks } from '../language/resolve/check-blocks.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import { resolveNetwork } from '../language/resolve/resolve-network.js';
import type { InputSize } from '../language/schema/attributes.js';
import { inputSize } from '../language/schema/attributes.js';
import { withAllowances } from '../lint/allow.js';
import { lintNetwork } from '../lint/lint-network.js';
import { type AxisSizes, admissibleSizes } from '../shape/admissible.js';
import { checkInput, type InputPlace, strideOf } from '../shape/check-input.js';
import { inferSizes } from '../shape/infer.js';

export interface CompileOptions {
  /** Where imports are read; without one a file can only import the standard library. */
  readonly host?: Host;
  /** Values for `param`s, by name, as they would be written. */
  readonly set?: Readonly<Record<string, string>>;
  /** Another input, as it would be written: `1 x 188 x 188`. */
  readonly input?: string;
  /** Only this network (or `Study.Variant`) instead of all of the file. */
  readonly network?: string;
}

/** A network with everything that the compiler proved of it. */
export interface CompiledNetwork {
  readonly name: string;
  readonly spec: NetworkSpec;
  /** For inference: one output, and only what it needs. */
  readonly graph: Graph;
  /** For training: with the outputs of supervised heads too; the same graph where there are none. */
  readonly training: Graph;
  /** All input sizes that fit, an entry an axis. */
  readonly axes: readonly AxisSizes[];
  /** Shapes, counts and memory at the declared input size. */
  readonly facts: Facts;
}

/** The network with the graph that is trained in the place of that of inference: what trains it elsewhere builds this. */
export function forTraining(network: CompiledNetwork): CompiledNetwork {
  const { graph, training } = network;
  if (training === graph) return network;
  const facts = new Facts(training, inferSizes(training, network.facts.spatial(0)), training);
  return { ...network, graph: training, facts };
}

export interface CompileResult {
  readonly diagnostics: readonly Diagnostic[];
  /** The networks without errors: those of the file, then the variants of its ablations. */
  readonly networks: readonly CompiledNetwork[];
  /** All names that can be asked for, with errors or without. */
  readonly names: readonly string[];
  readonly ablations: readonly AblationSpec[];
  /** The training recipes of the file. */
  readonly recipes: readonly RecipeSpec[];
  /** The files that were read, for whoever watches them. */
  readonly files: readonly string[];
  /** The text that was compiled, then all that it imports, without the library's own. */
  readonly sources: readonly SourceFile[];
  /** True where expectations were left out because a param or the input was set from outside. */
  readonly expectationsLeftOut: boolean;
}

/** Networks and variants of a file, at most: each is compiled and kept. */
const NETWORK_LIMIT = 1_000;

const emptyHost: Host = { read: () => undefined, resolve: (_from, specifier) => specifier };

/**
 * Compiles a text: parses it and what it imports, resolves and elaborates its networks, proves their shapes and
 * checks their expectations. All diagnostics come back as values, in the order of the text.
 */
export function compile(path: string, text: string, options: CompileOptions = {}): CompileResult {
  return new Compilation(path, text, options).run();
}

/** A network that was compiled, or could not be. */
interface Attempt {
  readonly compiled: CompiledNetwork | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics by what they say (see findingKeys). */
  readonly findings: Map<string, Diagnostic>;
}

class Compilation {
  private readonly reporter = new Reporter();
  private readonly loader: ModuleLoader;
  private readonly module: Module;
  private readonly params: Params;
  private readonly input: InputPlaceWithChannels | undefined;
  private readonly changedFromOutside: boolean;
  private readonly attempts = new Map<UnetDeclaration, Attempt>();

  constructor(
    path: string,
    text: string,
    private readonly options: CompileOptions,
  ) {
    this.loader = new ModuleLoader(options.host ?? emptyHost, this.reporter);
    this.module = this.loader.loadText(path, text);
    const overrides = this.overrides();
    this.params = new Params(overrides, this.reporter);
    this.params.checkOverrides(this.loader.all);
    this.input = this.readInput();
    this.changedFromOutside = overrides.size > 0 || options.input !== undefined;
  }

  run(): CompileResult {
    for (const module of this.loader.all) {
      // The library's own blocks are checked by its tests, not again for every user.
      if (!isStandard(module.file)) checkBlocks(module, this.reporter);
      const scope = this.params.scopeOf(module);
      for (const [name, located] of module.names) {
        if (located.module === module && located.declaration.kind === 'param') scope.lookup(name);
      }
    }
    const requests: NetworkRequest[] = [];
    const ablations: AblationSpec[] = [];
    const recipes: RecipeSpec[] = [];
    for (const [name, { declaration, module }] of this.module.names) {
      if (module !== this.module || this.module.poisoned.has(name)) continue;
      if (declaration.kind === 'unet') {
        const { span } = declaration.name;
        requests.push({ name, nameSpan: span, located: { declaration, module }, edits: [] });
      } else if (declaration.kind === 'training') {
        recipes.push(resolveRecipe({ declaration, module }, this.params, this.reporter));
      } else if (declaration.kind === 'ablation') {
        const ablation = resolveAblation({ declaration, module }, this.params, this.reporter);
        if (ablation) ablations.push(ablation);
      }
    }
    requests.push(...ablations.flatMap((ablation) => ablation.variants));
    const surplus = requests[NETWORK_LIMIT];
    if (surplus) {
      const count = requests.length;
      this.reporter.report(
        'too-many-networks',
        surplus.nameSpan,
        { count, limit: NETWORK_LIMIT },
        { help: 'spread them over several files' },
      );
      requests.splice(NETWORK_LIMIT);
    }
    const names = requests.map((request) => request.name);
    const { network } = this.options;
    const wanted = network === undefined ? requests : requests.filter((request) => request.name === network);
    const networks: CompiledNetwork[] = [];
    for (const request of wanted) {
      const { compiled, diagnostics } = this.attempt(request);
      for (const diagnostic of diagnostics) this.reporter.diagnostics.push(diagnostic);
      if (compiled) networks.push(compiled);
    }
    return {
      diagnostics: ordered(this.allowed(), this.module.file),
      networks,
      names,
      ablations,
      recipes,
      files: this.loader.all.map((module) => module.file.path),
      sources: [
        this.module.file,
        ...this.loader.all
          .map(({ file }) => file)
          .filter((file) => file !== this.module.file && !isStandard(file)),
      ],
      expectationsLeftOut: this.changedFromOutside,
    };
  }

  /** The diagnostics less the warnings that the texts allow. */
  private allowed(): readonly Diagnostic[] {
    const { diagnostics, hasErrors } = this.reporter;
    const own = this.loader.all.filter(({ file }) => !isStandard(file));
    // Only where all networks were looked at, as they are written, an allowance can be known to be needless.
    const complete = !hasErrors && !this.changedFromOutside && this.options.network === undefined;
    return withAllowances(diagnostics, own, complete ? this.module : undefined, (place) =>
      this.isUsed(place),
    );
  }

  /** Whether an op of a network comes from a place. */
  private isUsed(place: Span): boolean {
    return [...this.attempts.values()].some(({ compiled }) =>
      compiled?.training.nodes.some(({ origin }) =>
        [origin.span, ...origin.uses.map(({ span }) => span)].some((span) => contains(place, span)),
      ),
    );
  }

  /**
   * Compiles a network, each declaration once. What is wrong with its base already is said once, there; what an
   * inherited line does wrong only here is said at the line that makes it wrong.
   */
  private attempt(request: NetworkRequest): Attempt {
    const { declaration } = request.located;
    const known = request.edits.length === 0 ? this.attempts.get(declaration) : undefined;
    if (known) return known;
    const before = this.reporter.diagnostics.length;
    const compiled = this.network(request);
    const raw = this.reporter.diagnostics
      .splice(before)
      .map((diagnostic) => atUserLine(diagnostic, [], request.nameSpan));
    // In the table before the base is looked at: bases may go in a circle.
    const attempt: Attempt = { compiled, diagnostics: raw, findings: new Map() };
    if (request.edits.length === 0) this.attempts.set(declaration, attempt);
    const base = raw.length > 0 ? baseRequest(request) : undefined;
    const baseFindings = base ? this.attempt(base).findings : new Map<string, Diagnostic>();
    const diagnostics = raw.map((diagnostic) => {
      const keys = findingKeys(diagnostic, request);
      const inBase = keys.map((key) => baseFindings.get(key)).find((one) => one !== undefined);
      const said = inBase ?? atOwnLine(diagnostic, request);
      for (const key of keys) attempt.findings.set(key, said);
      return said;
    });
    const finished = { ...attempt, diagnostics };
    if (request.edits.length === 0) this.attempts.set(declaration, finished);
    return finished;
  }

  private network(request: NetworkRequest): CompiledNetwork | undefined {
    const spec = resolveNetwork(request, this.params, this.reporter);
    if (!spec) return undefined;
    const { input } = this;
    if (input && input.spatial.length !== spec.rank) {
      return this.reporter.report('rank-mismatch', input.span, {
        what: '`--input`',
        found: input.spatial.length,
        rank: spec.rank,
      });
    }
    const sized: NetworkSpec = input ? { ...spec, input: { ...spec.input, value: input } } : spec;
    const declared: InputPlace = { ...spec.input.value, span: spec.input.span };
    const elaborated = elaborate(sized, this.params, this.reporter, declared.spatial);
    if (!elaborated) return undefined;
    const { graph, training, unused } = elaborated;
    const problems = [...verify(graph), ...(training === graph ? [] : verify(training))];
    if (problems.length > 0)
      throw new Error(`the graph of ${graph.name} is not well-formed: ${problems.join('; ')}`);
    const admissible = admissibleSizes(graph, 'follow');
    if (admissible.kind === 'none') {
      const axis = graph.rank === 2 ? ('HW'[admissible.axis] ?? '') : ('DHW'[admissible.axis] ?? '');
      const { node } = admissible;
      return this.reporter.report(
        'no-size-fits',
        node.origin.span,
        { axis, op: node.path.text, stride: strideOf(node, admissible.axis), ...admissible.tooSmall },
        {
          notes: [...useNotes(node.origin), { message: 'the network is declared here', span: spec.nameSpan }],
          help: 'this op and those before it ask for sizes that exclude each other: look at kernels, windows and strides',
        },
      );
    }
    if (admissible.kind === 'out-of-range') {
      return this.reporter.report(
        'size-out-of-range',
        spec.nameSpan,
        {},
        { help: 'strides multiply from op to op: use fewer levels or smaller strides' },
      );
    }
    // Tables of positions follow the declared input, so it may be any that fits the other ops; no other input may.
    const hasTables = pinsSize(graph);
    let sizes =
      input && !hasTables ? undefined : checkInput(graph, admissible.axes, spec, declared, this.reporter);
    if (!sizes && (!input || hasTables)) return undefined;
    const fixed = hasTables ? admissibleSizes(graph) : admissible;
    if (fixed.kind !== 'sizes') throw new Error(`${graph.name} takes its declared input, and no input`);
    const { axes } = fixed;
    if (input) sizes = checkInput(graph, axes, sized, input, this.reporter);
    if (!sizes) return undefined;
    const facts = new Facts(graph, sizes, training);
    for (const [what, value] of [
      ['parameters', facts.parameters],
      ['multiply-adds', facts.macs],
      ['bytes of activations', facts.memory.training],
    ] as const) {
      if (Number.isSafeInteger(value)) continue;
      const help = 'use fewer channels, smaller kernels or a smaller input';
      return this.reporter.report('count-out-of-range', spec.nameSpan, { what }, { help });
    }
    lintNetwork({
      spec: sized,
      graph: training,
      unused,
      sizes: training === graph ? sizes : inferSizes(training, sized.input.value.spatial),
      isEdit: request.edits.length > 0 || request.located.declaration.base !== undefined,
      reporter: this.reporter,
    });
    if (!this.changedFromOutside) checkExpectations(sized, facts, axes, this.reporter);
    return { name: request.name, spec: sized, graph, training, axes, facts };
  }

  /** `--set name=value`, each parsed like the value of a `param`. */
  private overrides(): ReadonlyMap<string, Override> {
    const overrides = new Map<string, Override>();
    for (const [name, value] of Object.entries(this.options.set ?? {})) {
      const parsed = this.outside(`--set ${name}`, value);
      if (parsed) overrides.set(name, { name, value: parsed, span: parsed.span });
    }
    return overrides;
  }

  private readInput(): InputPlaceWithChannels | undefined {
    const { input } = this.options;
    if (input === undefined) return undefined;
    const parsed = this.outside('--input', input);
    const scope = { lookup: () => undefined, names: () => [] };
    const value = parsed && evaluate(parsed, scope, this.reporter);
    const read = value && inputSize.read(value, { reporter: this.reporter, rank: 2, what: 'input' });
    return read && { ...read, span: value.span };
  }

  /** An expression that comes from outside of every file. */
  private outside(name: string, text: string): Expression | undefined {
    const file = new SourceFile(name, text);
    const value = text.length <= FILE_LIMIT ? parseValue(file) : undefined;
    if (value) return value;
    return this.reporter.report(
      'syntax',
      { file, start: 0, end: text.length },
      {
        message: `${name} takes a value, and \`${text}\` is none`,
      },
    );
  }
}

type InputPlaceWithChannels = InputSize & InputPlace;

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
