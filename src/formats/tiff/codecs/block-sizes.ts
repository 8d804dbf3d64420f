/** The sizes of a strip or tile as it is compressed. */
export interface BlockSizes {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel in one block. */
  readonly samples: number;
  /** Bytes of a row, and of the block. */
  readonly rowBytes: number;
  readonly bytes: number;
}

export interface BlockProblem {
  readonly reason: string;
}
