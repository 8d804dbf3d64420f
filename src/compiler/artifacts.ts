import type { Facts } from '../analysis/facts.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Elaborated } from '../elaborate/elaborate.js';
import type { Host, Module, Program } from '../language/modules/modules.js';
import type { NetworkRequest } from '../language/modules/network-request.js';
import type { Params } from '../language/modules/params.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import type { AblationSpec } from '../language/resolve/ablations.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { AxisSizes } from '../shape/admissible.js';
import type { InferredSizes } from '../shape/infer.js';
import type { CompiledNetwork } from './compiled-network.js';
import type { Outside } from './outside.js';

/** A text to compile, and what the caller sets from outside. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Where imports are read. */
  readonly host: Host;
  /** Values for params, by name, as a file would write them. */
  readonly set: Readonly<Record<string, string>>;
  /** Another input, as a file would write it. */
  readonly input: string | undefined;
}

/** The syntax trees of a file and its imports, and the values from outside. */
export interface Parsed {
  readonly program: Program;
  readonly outside: Outside;
}

export interface WithParams extends Parsed {
  readonly params: Params;
}

/** Everything that a file declares. */
export interface Declared extends WithParams {
  /** The networks of the file, then the variants of its ablations. */
  readonly networks: readonly NetworkRequest[];
  readonly ablations: readonly AblationSpec[];
  readonly recipes: readonly RecipeSpec[];
}

/** One network to compile. */
export interface NetworkTask {
  readonly request: NetworkRequest;
  readonly params: Params;
  readonly outside: Outside;
}

export interface ResolvedNetwork extends NetworkTask {
  /** The network as the files declare it. */
  readonly declared: NetworkSpec;
  /** The network with the input from outside; the declared one if there is none. */
  readonly spec: NetworkSpec;
}

export interface WithGraphs extends ResolvedNetwork, Elaborated {}

export interface WithAxes extends WithGraphs {
  /** The input sizes that fit. Before sizes are inferred, tables of positions count as if they followed the input. */
  readonly axes: readonly AxisSizes[];
}

export interface WithSizes extends WithAxes {
  /** The size of every value of the graph at the network's input. */
  readonly sizes: InferredSizes;
}

export interface Analysed extends WithSizes {
  readonly facts: Facts;
}

/** All diagnostics of a compilation, and what decides which warnings its texts allow. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly program: Program;
  /** A module all of whose warnings are among the diagnostics: only there can an `allow` be needless. */
  readonly complete: Module | undefined;
  readonly networks: readonly CompiledNetwork[];
}
