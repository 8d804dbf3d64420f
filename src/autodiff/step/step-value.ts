// A file of its own: the package's declarations name this type, and must not name the ONNX types of the step builder.

/** A tensor of a model: float32 unless an op says otherwise. Every size is known. */
export interface StepValue {
  readonly name: string;
  readonly shape: readonly number[];
}
