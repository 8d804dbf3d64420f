import { type Diagnostic, Reporter } from '../../src/diagnostics/diagnostic.js';
import { elaborate } from '../../src/elaborate/elaborate.js';
import type { Graph } from '../../src/ir/graph.js';
import { ModuleLoader } from '../../src/language/modules/modules.js';
import { Params } from '../../src/language/modules/params.js';
import { resolveNetwork } from '../../src/language/resolve/resolve-network.js';

export interface Elaborated {
  /** Undefined where a diagnostic says why. */
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A network's graph before any input size is checked: what says which sizes fit. */
export function elaborateText(text: string, name: string): Elaborated {
  const reporter = new Reporter();
  const host = { read: () => undefined, resolve: (_from: string, specifier: string) => specifier };
  const module = new ModuleLoader(host, reporter).loadText('random.unet', text);
  const located = module.names.get(name);
  if (located?.declaration.kind !== 'unet') return { graph: undefined, diagnostics: reporter.diagnostics };
  const { declaration } = located;
  const params = new Params(new Map(), reporter);
  const request = {
    name,
    nameSpan: declaration.name.span,
    located: { declaration, module: located.module },
    edits: [],
  };
  const spec = resolveNetwork(request, params, reporter);
  const graph = spec && elaborate(spec, params, reporter)?.graph;
  return { graph, diagnostics: reporter.diagnostics };
}
