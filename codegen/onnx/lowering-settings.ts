// A file of its own: the package's declarations name these, and must not name the ONNX types of the emitter.

export type FloatType = 'float32' | 'float16';

/** The settings that the lowering of a graph depends on. */
export interface LoweringSettings {
  readonly opset: number;
  /** Whether spatial sizes are free, as formulas in H, W, D; otherwise they are the sizes at the graph's input size. */
  readonly dynamic: boolean;
  readonly dtype: FloatType;
  /** Whether each dropout multiplies its input by an input of the model (see dropoutInput); otherwise, dropouts are gone. */
  readonly dropoutInputs?: boolean | undefined;
}
