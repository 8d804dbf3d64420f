import type {
  MapMismatch,
  MapProblem,
  nameMapCodes,
} from '../../../src/diagnostics/codes/weights/name-maps.js';
import type {
  StateDictProblem,
  WeightsFormat,
  weightsCodes,
} from '../../../src/diagnostics/codes/weights/weights.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const formats: readonly WeightsFormat[] = ['safetensors', 'onnx', 'tfjs', 'pytorch'];
const tensor = 'encoder[1].conv[1].weight';
const ofTensor = { format: 'safetensors', tensor } as const;
const ofFile = { format: 'safetensors', tensor: undefined } as const;

const mapProblems: readonly MapProblem[] = [
  { case: 'not-json', reason: 'Unexpected end of JSON input' },
  { case: 'not-an-object', found: 'another list' },
  { case: 'unknown-key', key: 'name', keys: ['about', 'names', 'ignore'], nearest: 'names' },
  { case: 'unknown-key', key: 'version', keys: ['about', 'names', 'ignore'], nearest: undefined },
  { case: 'repeated-key', key: 'head.conv[1]' },
  { case: 'wrong-kind', key: 'about', found: 'a value of type number' },
  { case: 'wrong-kind', key: 'names', found: 'nothing' },
  { case: 'wrong-kind', key: 'ignore', found: 'a value of type string' },
  { case: 'name-not-a-text', rule: 'head.conv[1]', found: 'a value of type number' },
  { case: 'unpaired-brace', rule: 'encoder[{l].conv[1]' },
  { case: 'no-capture-name', rule: 'encoder[{1}].conv[1]', text: '1' },
  { case: 'no-formula', rule: 'encoder[{l}].conv[1]', text: 'l +' },
  { case: 'unknown-number', rule: 'encoder[{l}].conv[1]', name: 'm', nearest: 'l' },
  { case: 'unknown-number', rule: 'encoder[{l}].conv[1]', name: 'width', nearest: undefined },
];

const mismatches: readonly MapMismatch[] = [
  { case: 'ambiguous', rules: ['encoder[2].conv[{n}]', 'encoder[{l}].conv[2]'], parameter: tensor },
  { case: 'no-whole-number', rule: 'up[{l}].convTranspose[1]', parameter: 'up[1].convTranspose[1].bias' },
  { case: 'shared-name', rules: ['head.conv[1]'], parameters: ['a.weight', 'b.weight'], name: 'out.weight' },
  {
    case: 'shared-name',
    rules: ['up[1].conv[1]', 'head.conv[1]'],
    parameters: ['a.weight', 'b.weight'],
    name: 'out.weight',
  },
  { case: 'no-rule', layer: 'head.conv[1]', roles: ['weight', 'bias'] },
  { case: 'unused-rule', rule: 'encodr[1].conv[1]', network: 'Net', nearest: 'encoder[1].conv[1]' },
  { case: 'unused-rule', rule: 'encoder[3].conv[1]', network: 'Net', nearest: undefined },
];

const stateDicts: readonly StateDictProblem[] = [
  ...(
    [
      'old-format',
      'big-endian',
      'other-pickle',
      'torchscript',
      'exported-program',
      'single-tensor',
      'list',
      'value',
      'empty-dict',
    ] as const
  ).map((one) => ({ case: one })),
  { case: 'unknown-global', global: 'torch.nn.modules.conv.Conv2d' },
  { case: 'unknown-global', global: 'torch._utils._rebuild_sparse_tensor' },
  { case: 'unknown-global', global: 'torch._utils._rebuild_qtensor' },
  { case: 'unknown-global', global: 'torch._utils._rebuild_meta_tensor_no_storage' },
  { case: 'no-tensors', searched: ['state_dict', 'model'], keys: ['epoch', 'generator'] },
  { case: 'no-tensors', searched: ['state_dict', 'model'], keys: [...'abcdefghij'] },
];

export const weightsSamples: {
  [C in keyof typeof weightsCodes | keyof typeof nameMapCodes]: readonly CodeArguments<C>[];
} = {
  'weights-truncated': [
    ...formats.map((format) => ({
      format,
      tensor: undefined,
      expected: 'at least 8 bytes',
      found: '3 bytes',
    })),
    { ...ofTensor, expected: 'at least 102 bytes', found: '101 bytes' },
  ],
  'weights-damaged': formats.map((format) => ({
    format,
    tensor: undefined,
    expected: 'the fields of a model',
    found: 'others',
  })),
  'weights-file-unreadable': [
    { format: 'onnx', tensor: undefined, expected: "'net.onnx.data'", found: 'there is no such file' },
  ],
  'unreadable-tensor-type': [{ ...ofTensor, expected: 'F32, F16, BF16, F64', found: 'I64' }],
  'tensor-damaged': [
    { ...ofTensor, expected: '16 bytes for 4 of F32', found: '12 bytes' },
    { ...ofTensor, format: 'onnx', expected: '16 bytes for 4 of F32', found: '12 bytes' },
  ],
  'duplicate-tensor': [{ ...ofTensor, expected: 'one tensor per name', found: 'several' }],
  'missing-tensor': [
    { ...ofTensor, expected: '8 x 3 x 3 x 3', found: 'nothing' },
    { ...ofTensor, expected: '8 x 3 x 3 x 3', found: 'nothing', nearest: 'encoder[1].conv[1].wieght' },
    { ...ofTensor, tensor: 'inc.0.weight', parameter: tensor, expected: '8 x 3 x 3 x 3', found: 'nothing' },
    ...(['weight-norm', 'spectral-norm', 'pruning', 'parametrization'] as const).map((undo) => ({
      ...{ ...ofTensor, expected: '8 x 3 x 3 x 3', found: 'nothing' },
      parts: { names: [`${tensor}_a`, `${tensor}_b`], undo },
    })),
  ],
  'extra-tensor': [{ ...ofTensor, expected: 'nothing', found: '8 x 3 x 3 x 3' }],
  'tensor-shape-mismatch': [
    { ...ofTensor, expected: '8 x 3 x 3 x 3', found: '4 x 3 x 3 x 3' },
    { ...ofTensor, tensor: 'inc.0.weight', parameter: tensor, expected: '8 x 3 x 3 x 3', found: '4' },
  ],
  'not-a-state-dict': stateDicts.map((problem) => ({ ...ofFile, format: 'pytorch', problem })),
  'folded-model': [
    { ...ofFile, format: 'onnx', norms: 1 },
    { ...ofFile, format: 'onnx', norms: 10 },
  ],
  'missing-map': [{ ...ofFile, map: 'milesial' }],
  'tensor-not-finite': [
    { ...ofTensor, count: 3, of: 72, index: [0, 0, 2, 1], value: 'nan' },
    {
      ...ofTensor,
      tensor: 'inc.0.weight',
      parameter: tensor,
      count: 1,
      of: 8,
      index: [7],
      value: '-infinity',
    },
  ],
  'own-names': [{ ...ofFile, network: 'Net' }],
  'map-mismatch': mismatches.map((mismatch) => ({ ...ofFile, mismatch })),
  'weights-mismatch': [
    {
      path: 'unet.pth',
      network: 'Net',
      problems: [
        { code: 'missing-map', ...ofFile, format: 'pytorch', map: 'milesial' },
        { code: 'extra-tensor', ...ofTensor, format: 'pytorch', expected: 'nothing', found: '4' },
      ],
    },
  ],
  'weights-not-finite': [
    {
      path: 'unet.pth',
      network: 'Net',
      problems: [
        { code: 'tensor-not-finite', ...ofTensor, count: 3, of: 72, index: [0, 0, 2, 1], value: 'nan' },
      ],
    },
  ],
  'unknown-weights-format': [{ path: 'weights.h5' }],
  'weights-sharded': [
    { path: 'out/model.safetensors.index.json', files: ['a.safetensors', 'b.safetensors'] },
    { path: 'index.json', files: ['1', '2', '3', '4', '5'] },
  ],
  'missing-model-json': [{ path: 'out/net' }],
  'invalid-map': [
    ...mapProblems.map((problem) => ({ problems: [problem] })),
    { map: 'mine.json', problems: mapProblems.slice(-3) },
  ],
  'unfit-map': [{ map: 'milesial', network: 'Net', problems: mismatches.slice(-2) }],
  'needless-map': [{ path: 'net/model.json' }],
};
