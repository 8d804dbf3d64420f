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

/** What went wrong that the user can mend: an option out of range, a network the target can't express. */
export interface BackendProblem {
  readonly kind: string;
  /** One sentence for people. */
  readonly message: string;
}

/** The sizes can't be left free where a table of positions pins them. */
export interface PinnedSizeProblem extends BackendProblem {
  readonly kind: 'pinned-size';
}

/** What is wrong with leaving a graph's sizes free; nothing where it is not wanted. */
export function freeSizeProblems(graph: Graph, dynamic: boolean | undefined): readonly PinnedSizeProblem[] {
  const pinning = dynamic ? pinningNode(graph) : undefined;
  if (!pinning) return [];
  const [size, table] = [graph.inputSize, pinnedSizeOf(pinning) ?? []].map((sizes) => sizes.join(' x '));
  const message = `the sizes of ${graph.name} can't be left free: the positions of ${pinning.path.root} are a table of ${table}, for an input of ${size} and no other`;
  return [{ kind: 'pinned-size', message }];
}

export type Emission<Problem extends BackendProblem = BackendProblem> =
  | {
      readonly ok: true;
      readonly files: readonly OutputFile[];
      /** What whoever uses the files must know, a sentence each. */
      readonly notes?: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A target of `unet build`. Each backend has options of its own, and its own problems. */
export interface Backend<Options, Problem extends BackendProblem = BackendProblem> {
  /** The name after `--target`. */
  readonly target: string;
  /** One line for the command's help. */
  readonly description: string;
  emit(graph: Graph, options: Options): Emission<Problem>;
}
