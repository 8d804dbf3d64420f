import { type Backend, freeSizeProblems } from '../backend.js';
import { moduleText } from './typescript-module.js';
import type { Provenance } from './write/module-doc.js';

export interface TypescriptOptions {
  /** `network.ts` unless given. */
  readonly fileName?: string;
  /** Leaves the spatial sizes free. The batch always is. */
  readonly dynamic?: boolean;
  /** The origin of the module, for the comment at its head. */
  readonly header?: Provenance;
}

/** `--target typescript`. A module can build every network. */
export const typescriptBackend: Backend<TypescriptOptions> = {
  target: 'typescript',
  description: 'a TypeScript module that builds the TensorFlow.js model, to read and to change',
  emit(graph, { fileName = 'network.ts', dynamic = false, header }) {
    const problems = freeSizeProblems(graph, dynamic);
    if (problems.length > 0) return { ok: false, problems };
    const text = moduleText(graph, { dynamic, ...(header ? { provenance: header } : {}) });
    const bytes = new TextEncoder().encode(text);
    return { ok: true, files: [{ path: fileName, size: bytes.length, chunks: [bytes] }] };
  },
};
