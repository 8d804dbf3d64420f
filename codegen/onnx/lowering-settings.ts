export type FloatType = 'float32' | 'float16';

/** What the lowering of a graph depends on. */
export interface LoweringSettings {
  readonly opset: number;
  /** Free spatial sizes, as formulas in H, W, D; otherwise those at the graph's input size. */
  readonly dynamic: boolean;
  readonly dtype: FloatType;
}
