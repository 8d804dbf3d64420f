import type { Declaration } from '../../grammar/ast.js';
import { Facts } from '../analysis/facts.js';
import { type Diagnosed, diagnose } from '../diagnostics/diagnostic.js';
import { contains, type Span } from '../diagnostics/span.js';
import { elaborate } from '../elaborate/elaborate.js';
import { checkExpectations } from '../expect/check-expectations.js';
import { verify } from '../ir/verify.js';
import { isStandard, loadProgram, withPoisoned } from '../language/modules/modules.js';
import { evaluateParams } from '../language/modules/params.js';
import { checkBlocks } from '../language/resolve/check-blocks.js';
import { checkNormalize } from '../language/resolve/consistency.js';
import { resolveNetwork } from '../language/resolve/resolve-network.js';
import { specFields } from '../language/resolve/spec-fields.js';
import { withAllowances } from '../lint/allow.js';
import { lintNetwork } from '../lint/lint-network.js';
import { inferSizes } from '../shape/infer.js';
import type {
  Analysed,
  Declared,
  Findings,
  NetworkTask,
  Parsed,
  ResolvedNetwork,
  Source,
  WithAxes,
  WithGraphs,
  WithParams,
  WithSizes,
} from './artifacts.js';
import type { CompiledNetwork } from './compiled-network.js';
import { listDeclarations } from './declarations.js';
import { withAdmissibleSizes, withSizes } from './input-sizes.js';
import { readOutside } from './outside.js';
import { definePass, type RunPass, runAfter } from './pass.js';

/**
 * The passes from a text to compiled networks, in their order. The first four see a file, the next eight see one of its
 * networks, and the last one sees all diagnostics. Each takes the artifact of the pass before it: see artifacts.ts.
 */
export const passes = {
  /** Text to syntax trees: the file and everything that it imports, with the names that each file can use. */
  parse: definePass<Source, Parsed>({
    name: 'parse',
    makes: 'declarations',
    run: ({ path, text, host, set, input }) =>
      diagnose((reporter) => {
        const program = reporter.take(loadProgram(path, text, host));
        return { program, outside: reporter.take(readOutside(set, input, program.modules)) };
      }),
    count: (parsed) => countDeclarations(parsed),
  }),

  /** Checks blocks as far as that goes without a network. Tests check the library's own. */
  checkBlocks: definePass<Parsed, Parsed>({
    name: 'check blocks',
    makes: 'blocks',
    run: (parsed) =>
      diagnose((reporter) => {
        const own = parsed.program.modules.filter(({ file }) => !isStandard(file));
        const poisoned = new Map(own.map((module) => [module, reporter.take(checkBlocks(module))]));
        return { ...parsed, program: withPoisoned(parsed.program, poisoned) };
      }),
    count: (parsed) => countDeclarations(parsed, 'block'),
  }),

  /** Evaluates every `param`. */
  evaluateParams: definePass<Parsed, WithParams>({
    name: 'evaluate params',
    makes: 'params',
    run: (parsed) =>
      diagnose((reporter) => {
        const { program, outside } = parsed;
        return { ...parsed, params: reporter.take(evaluateParams(program.modules, outside.overrides)) };
      }),
    count: (parsed) => countDeclarations(parsed, 'param'),
  }),

  /** Lists the networks of the file, the variants of its ablations, and its recipes. */
  listNetworks: definePass<WithParams, Declared>({
    name: 'list networks',
    makes: 'networks',
    run: listDeclarations,
    count: ({ networks }) => networks.length,
  }),

  /** A declaration to a NetworkSpec: inheritance, levels, defaults and expressions. */
  resolve: definePass<NetworkTask, ResolvedNetwork | undefined>({
    name: 'resolve',
    makes: 'settings',
    run: (task) =>
      diagnose((reporter) => {
        const declared = reporter.take(resolveNetwork(task.request, task.params));
        const { input } = task.outside;
        if (!declared || !input) return declared && { ...task, declared, spec: declared };
        if (input.spatial.length !== declared.rank) {
          const args = { what: '`--input`', found: input.spatial.length, rank: declared.rank };
          return reporter.report('rank-mismatch', input.span, args);
        }
        const spec = { ...declared, input: { ...declared.input, value: input } };
        checkNormalize(spec, reporter);
        return reporter.hasErrors ? undefined : { ...task, declared, spec };
      }),
    count: ({ spec }) => specFields(spec).size,
  }),

  /** A NetworkSpec to graphs: one for inference, one for training. */
  elaborate: definePass<ResolvedNetwork, WithGraphs | undefined>({
    name: 'elaborate',
    makes: 'nodes',
    run: (resolved) => {
      const { spec, params, declared } = resolved;
      const { value, diagnostics } = elaborate(spec, params, declared.input.value.spatial);
      return { value: value && { ...resolved, ...value }, diagnostics };
    },
    count: ({ training }) => training.nodes.length,
  }),

  /** Checks that the graphs are legal. One that is not is a bug of the compiler, so users get no diagnostic. */
  verify: definePass<WithGraphs, WithGraphs>({
    name: 'verify',
    makes: 'nodes',
    run: (network) => {
      const { graph, training } = network;
      const problems = [...verify(graph), ...(training === graph ? [] : verify(training))];
      if (problems.length === 0) return { value: network, diagnostics: [] };
      throw new Error(`the graph of ${graph.name} is not well-formed: ${problems.join('; ')}`);
    },
    count: ({ training }) => training.nodes.length,
  }),

  /** Finds all input sizes that fit. */
  findSizes: definePass<WithGraphs, WithAxes | undefined>({
    name: 'admissible sizes',
    makes: 'axes',
    run: withAdmissibleSizes,
    count: ({ axes }) => axes.length,
  }),

  /** Works out the size of every value at the network's input, which must fit. */
  inferSizes: definePass<WithAxes, WithSizes | undefined>({
    name: 'infer sizes',
    makes: 'values',
    run: withSizes,
    count: ({ sizes }) => sizes.sizes.length,
  }),

  /** Counts parameters, multiply-adds and memory. */
  analyse: definePass<WithSizes, Analysed | undefined>({
    name: 'analyse',
    makes: 'parameters',
    run: (network) =>
      diagnose((reporter) => {
        const facts = new Facts(network.graph, network.sizes, network.training);
        for (const [what, value] of [
          ['parameters', facts.parameters],
          ['multiply-adds', facts.macs],
          ['bytes of activations', facts.memory.training],
        ] as const) {
          if (Number.isSafeInteger(value)) continue;
          const help = 'use fewer channels, smaller kernels or a smaller input';
          return reporter.report('count-out-of-range', network.spec.nameSpan, { what }, { help });
        }
        return { ...network, facts };
      }),
    count: ({ facts }) => facts.parameters,
  }),

  /** Warns about code that is legal and probably a mistake. */
  lint: definePass<Analysed, Analysed>({
    name: 'lint',
    makes: 'warnings',
    run: (network) =>
      diagnose((reporter) => {
        const { spec, graph, training, unused, sizes, request } = network;
        lintNetwork({
          spec,
          graph: training,
          unused,
          sizes: training === graph ? sizes : inferSizes(training, spec.input.value.spatial),
          isEdit: request.edits.length > 0 || request.located.declaration.base !== undefined,
          reporter,
        });
        return network;
      }),
    count: (_, found) => found.length,
  }),

  /** Checks the rows of `expect`: claims about the network in the file, so nothing may be set from outside. */
  expect: definePass<Analysed, Analysed>({
    name: 'expect',
    makes: 'rows',
    run: (network) =>
      diagnose((reporter) => {
        const { spec, facts, axes, outside } = network;
        if (!outside.changes) checkExpectations(spec, facts, axes, reporter);
        return network;
      }),
    count: ({ spec, outside }) => (outside.changes ? 0 : spec.expects.flatMap(({ rows }) => rows).length),
  }),

  /** Removes the warnings that the texts allow with a reason, and reports every `allow` that is wrong or needless. */
  allow: definePass<Findings, Findings>({
    name: 'allow',
    makes: 'diagnostics',
    run: (findings) => {
      const { diagnostics, program, complete, networks } = findings;
      const own = program.modules.filter(({ file }) => !isStandard(file));
      const allowed = withAllowances(diagnostics, own, complete, (place) => isOrigin(place, networks));
      return { value: { ...findings, diagnostics: allowed.value }, diagnostics: allowed.diagnostics };
    },
    count: ({ diagnostics }, found) => diagnostics.length + found.length,
  }),
};

/**
 * The passes of `unet build` after those of the compiler. The target's backend lowers the graph (`Backend.emit` in
 * codegen: for ONNX, codegen/onnx/build.ts). The bytes of its files are made while they are written, so weights and
 * writing take turns.
 */
export const buildPasses = {
  /** A graph to the files of a target, without the bytes of the weights. */
  lower: { name: 'lower', makes: 'files' },
  /** The values of the parameters: from a seed, or read from a file. */
  weights: { name: 'weights', makes: 'values' },
  /** The files on the disk, all of them or none. */
  write: { name: 'write', makes: 'bytes' },
} as const;

/** What a file declares. */
export function declarationsOf(source: Source, run: RunPass): Diagnosed<Declared> {
  return diagnose((reporter) => {
    const parsed = reporter.take(run(passes.parse, source));
    const checked = reporter.take(run(passes.checkBlocks, parsed));
    const evaluated = reporter.take(run(passes.evaluateParams, checked));
    return reporter.take(run(passes.listNetworks, evaluated));
  });
}

/** How far a network came: an artifact is undefined if a pass before it found an error. */
export interface NetworkRun {
  readonly resolved: ResolvedNetwork | undefined;
  readonly verified: WithGraphs | undefined;
  readonly finished: Analysed | undefined;
}

/** Compiles one network. */
export function compileNetwork(task: NetworkTask, run: RunPass): Diagnosed<NetworkRun> {
  const resolved = run(passes.resolve, task);
  const elaborated = runAfter(run, resolved, passes.elaborate);
  const verified = runAfter(run, elaborated, passes.verify);
  const sized = runAfter(run, verified, passes.findSizes);
  const inferred = runAfter(run, sized, passes.inferSizes);
  const analysed = runAfter(run, inferred, passes.analyse);
  const linted = runAfter(run, analysed, passes.lint);
  const { value: finished, diagnostics } = runAfter(run, linted, passes.expect);
  return { value: { resolved: resolved.value, verified: verified.value, finished }, diagnostics };
}

/** How many declarations, of one kind if it is given, stand in the files of the user. */
function countDeclarations({ program }: Parsed, only?: Declaration['kind']): number {
  const own = program.modules.filter(({ file }) => !isStandard(file));
  const declarations = own.flatMap(({ parsed }) => parsed.tree.declarations);
  return declarations.filter(({ kind }) => only === undefined || kind === only).length;
}

/** Whether an op of one of the networks comes from a place in the text. */
function isOrigin(place: Span, networks: readonly CompiledNetwork[]): boolean {
  return networks.some(({ training }) =>
    training.nodes.some(({ origin: { span, uses } }) =>
      [span, ...uses.map((use) => use.span)].some((one) => contains(place, one)),
    ),
  );
}
