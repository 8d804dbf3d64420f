import { type Failure, failure } from '../src/diagnostics/failure.js';
import type { Graph } from '../src/ir/graph.js';
import { pinnedSizeOf, pinningNode } from '../src/ir/node-record.js';

/** A file that a backend writes. */
export interface OutputFile {
  /** The file's name, or its path below the folder of the output, with `/` between folders. */
  readonly path: string;
  /** The number of bytes, where it is known before they are made. */
  readonly size?: number;
  /**
   * The bytes in order. They are made while they are asked for, and the buffer of a chunk may be used
   * again: write each chunk before asking for the next. Iterating again gives the same bytes.
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
      /** What the user of the files must know, a sentence each. */
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
