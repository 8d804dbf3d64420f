/** The colour family of an arrow. */
export type ArrowFamily = 'conv' | 'pointwise' | 'down' | 'up' | 'copy' | 'other';

/** The ops of an arrow: `conv 3x3, batch norm, ReLU`. Arrows with equal labels share a legend entry. */
export interface Arrow {
  readonly family: ArrowFamily;
  readonly label: string;
}

/** The title of a picture. */
export interface Heading {
  readonly title: string;
  readonly subtitle: string;
  readonly rank: number;
}

/** A stage beside the U whose value has the same size for every input, such as the embedding of a time step. */
export interface Embedding {
  readonly name: string;
  /** The ops that make it. */
  readonly label: string;
}
