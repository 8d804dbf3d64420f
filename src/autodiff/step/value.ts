/** A tensor of a model: float32 unless an op says otherwise, every size known. */
export interface StepValue {
  readonly name: string;
  readonly shape: readonly number[];
}
