/** The opset that is written unless another is asked for. */
export const DEFAULT_OPSET = 17;

/**
 * The opsets that can be written, and the IR version of the ONNX release that brought each
 * (github.com/onnx/onnx, docs/Versioning.md).
 */
const irVersions: ReadonlyMap<number, number> = new Map([
  [13, 7],
  [14, 7],
  [15, 8],
  [16, 8],
  [17, 8],
  [18, 8],
  [19, 9],
  [20, 9],
  [21, 10],
  [22, 10],
]);

export const opsets: readonly number[] = [...irVersions.keys()];

/** The IR version that goes with an opset; undefined for an opset that can't be written. */
export function irVersionOf(opset: number): number | undefined {
  return irVersions.get(opset);
}
