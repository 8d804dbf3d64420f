import { writeFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const [FLOAT, INT64] = [1, 7];

export interface ForeignNode {
  readonly op: string;
  /** Further inputs, by the names of constants. */
  readonly constants?: readonly string[];
  readonly attributes?: readonly object[];
}

/** Constants that nodes name. */
const CONSTANTS = [
  { name: 'one', dataType: FLOAT, dims: [1, 1, 1, 1], floatData: [1] },
  { name: 'zero', dataType: FLOAT, dims: [], floatData: [0] },
  { name: 'unit', dataType: FLOAT, dims: [], floatData: [1] },
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((value) => [
    { name: `weight ${value}`, dataType: FLOAT, dims: [1, 1, 1, 1], floatData: [value] },
    { name: `number ${value}`, dataType: FLOAT, dims: [], floatData: [value] },
  ]),
  { name: 'last', dataType: INT64, dims: [], int64Data: [-1] },
];

/** Writes an ONNX model of a chain of ops as another program would: without any metadata. */
export function writeForeignModel(
  path: string,
  nodes: readonly ForeignNode[],
  input: readonly (number | string)[],
  output: readonly (number | string)[] = input,
): void {
  const value = (name: string, sizes: readonly (number | string)[]) => {
    const dim = sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
  };
  const used = new Set(nodes.flatMap(({ constants = [] }) => constants));
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'g',
      node: nodes.map(({ op, constants = [], attributes = [] }, i) => ({
        opType: op,
        input: [i === 0 ? 'x' : `v${i}`, ...constants],
        output: [i === nodes.length - 1 ? 'y' : `v${i + 1}`],
        attribute: [...attributes],
      })),
      input: [value('x', input)],
      output: [value('y', output)],
      initializer: CONSTANTS.filter(({ name }) => used.has(name)),
    },
  };
  writeFileSync(path, onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish());
}
