import { runAfter, runPass } from '../../src/compiler/pass.js';
import { declarationsOf, passes } from '../../src/compiler/passes.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import type { Graph } from '../../src/ir/graph.js';

export interface ElaboratedText {
  /** Undefined where a diagnostic says why. */
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A network's graph before any input size is checked: what says which sizes fit. */
export function elaborateText(text: string, name: string): ElaboratedText {
  const host = { read: () => undefined, resolve: (_from: string, specifier: string) => specifier };
  const source = { path: 'random.unet', text, host, set: {}, input: undefined };
  const { value: file, diagnostics } = declarationsOf(source, runPass);
  const request = file.networks.find((one) => one.name === name);
  if (!request) return { graph: undefined, diagnostics };
  const { params, outside } = file;
  const resolved = runPass(passes.resolve, { request, params, outside });
  const elaborated = runAfter(runPass, resolved, passes.elaborate);
  return { graph: elaborated.value?.graph, diagnostics: [...diagnostics, ...elaborated.diagnostics] };
}
