/** The stages of a network. A stage that every level has carries the level's number: `encoder[2]`. */
export type StageName =
  | 'input'
  | 'time'
  | 'stem'
  | 'encoder'
  | 'pool'
  | 'bottleneck'
  | 'up'
  | 'skip'
  | 'node'
  | 'decoder'
  | 'head'
  | 'output';

/** A use of a block, or an op, with its number among those of the same name directly below the same path. */
export interface PathSegment {
  readonly name: string;
  readonly number: number;
}

/**
 * Where something is in a network: a stage, or a block or an op below it, such as `encoder[2].residual[1].conv[2]`. The
 * text is computed once, with the path. It names things in models, weights, tables and messages; nothing parses it.
 */
export class StagePath {
  private constructor(
    readonly stage: StageName,
    /** The level that the stage belongs to, from 1; undefined for stages that the network has once. */
    readonly level: number | undefined,
    /** The second number of a stage: the column of a grid's node, or the number of a block in its level. */
    readonly column: number | undefined,
    /** The path that this one is directly below; undefined for a stage. */
    readonly parent: StagePath | undefined,
    /** The last part of the path; undefined for a stage. */
    readonly segment: PathSegment | undefined,
    readonly text: string,
  ) {}

  /** The path of a stage: `bottleneck`, `encoder[2]`, `node[1,3]`. */
  static of(stage: StageName, level?: number, column?: number): StagePath {
    const numbers = column === undefined ? level : `${level},${column}`;
    const text = numbers === undefined ? stage : `${stage}[${numbers}]`;
    return new StagePath(stage, level, column, undefined, undefined, text);
  }

  /** The path of a block or an op directly below this one. */
  child(name: string, number: number): StagePath {
    const text = `${this.text}.${name}[${number}]`;
    return new StagePath(this.stage, this.level, this.column, this, { name, number }, text);
  }

  /** The path of the stage alone: `encoder[2]`. */
  get root(): StagePath {
    return this.parent?.root ?? this;
  }

  /** The parts below the stage, outermost first. */
  get segments(): readonly PathSegment[] {
    const segments: PathSegment[] = [];
    for (let path: StagePath | undefined = this; path?.segment; path = path.parent)
      segments.push(path.segment);
    return segments.reverse();
  }

  /** The paths that this one is below, outermost first. */
  get ancestors(): readonly StagePath[] {
    const paths: StagePath[] = [];
    for (let path = this.parent; path; path = path.parent) paths.push(path);
    return paths.reverse();
  }

  equals(other: StagePath | undefined): boolean {
    return this.text === other?.text;
  }

  isBelow(other: StagePath): boolean {
    for (let path = this.parent; path; path = path.parent) if (path.equals(other)) return true;
    return false;
  }

  toString(): string {
    return this.text;
  }
}
