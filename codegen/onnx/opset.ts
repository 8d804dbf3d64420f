/** The default opset. */
export const DEFAULT_OPSET = 17;

/**
 * The opsets that can be written, with the IR version of the ONNX release that introduced each (github.com/onnx/onnx,
 * docs/Versioning.md).
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

/** The IR version of an opset; undefined for an opset that cannot be written. */
export function irVersionOf(opset: number): number | undefined {
  return irVersions.get(opset);
}
