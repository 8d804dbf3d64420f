import { type Failure, failure } from '../src/diagnostics/failure.js';
import type { Graph } from '../src/ir/graph.js';
import { pinnedSizeOf, pinningNode } from '../src/ir/node-record.js';

/** A file that a backend writes. */
export interface OutputFile {
  /** The file's name, or its path below the folder of the output, with `/` between folders. */
  readonly path: string;
  /** The number of bytes, if it is known in advance. */
  readonly size?: number;
  /**
   * The bytes in order. They are computed during iteration, and a buffer can be reused: write each chunk before
   * requesting the next. Iterating again gives the same bytes.
   */
  readonly chunks: Iterable<Uint8Array>;
}

/** A table of positions pins the sizes of a graph, so `dynamic` cannot leave them free. */
export function freeSizeProblems(graph: Graph, dynamic: boolean | undefined): readonly Failure[] {
  const pinning = dynamic ? pinningNode(graph) : undefined;
  if (!pinning) return [];
  const [stage, table] = [pinning.path.root.text, pinnedSizeOf(pinning) ?? []];
  return [failure('pinned-size', { network: graph.name, stage, table, input: graph.inputSize })];
}

export type Emission =
  | {
      readonly ok: true;
      readonly files: readonly OutputFile[];
      /** Notes for the users of the files, one sentence each. */
      readonly notes?: readonly string[];
    }
  /** Options out of range, or a network that the target can't express. */
  | { readonly ok: false; readonly problems: readonly Failure[] };

/** A target of `unet build`. Each backend has options of its own. */
export interface Backend<Options> {
  /** The name after `--target`. */
  readonly target: string;
  /** One line for the command's help. */
  readonly description: string;
  emit(graph: Graph, options: Options): Emission;
}
