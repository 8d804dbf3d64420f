/** The colour family of an arrow. */
export type ArrowFamily = 'conv' | 'pointwise' | 'down' | 'up' | 'copy' | 'other';

/** What an arrow stands for: `conv 3x3, batch norm, ReLU`. Equal labels share a legend entry. */
export interface Arrow {
  readonly family: ArrowFamily;
  readonly label: string;
}

/** What a network is called, and what it is. */
export interface Heading {
  readonly title: string;
  readonly subtitle: string;
  readonly rank: number;
}

/** A stage beside the U whose values have the same size for every input: the embedding of a time step. */
export interface Embedding {
  readonly name: string;
  /** What it is made by, op by op. */
  readonly label: string;
}
