import type { usageCodes, Wanted } from '../../../src/diagnostics/codes/usage.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const wanted: readonly Wanted[] = [
  { oneOf: ['text', 'markdown', 'csv'] },
  { wholeFrom: 1 },
  { wholeFrom: 0, to: 255 },
  { numberFrom: 0 },
  { numberFrom: 0, below: 1 },
  { sizes: undefined },
  { sizes: 3 },
  { form: 'setting' },
  { form: 'label' },
  { form: 'folder' },
  { form: 'validation' },
];

export const usageSamples: { [C in keyof typeof usageCodes]: readonly CodeArguments<C>[] } = {
  usage: [
    { reason: "missing required argument 'target'", command: 'unet table' },
    { reason: "unknown option '--inptu'", command: 'unet table', nearest: '--input' },
  ],
  'unknown-command': [
    { command: 'tabel', nearest: 'table' },
    { command: 'paint', nearest: undefined },
  ],
  'unknown-code': [
    { code: 'sintax', nearest: 'syntax' },
    { code: 'nonsense', nearest: undefined },
  ],
  'unknown-network': [
    { path: 'net.unet', network: 'Nett', networks: ['Net'], nearest: 'Net' },
    { path: 'net.unet', network: 'Big', networks: ['Net', 'Small'], nearest: undefined },
    { path: 'net.unet', network: 'Big', networks: ['Net'], nearest: undefined },
    { path: 'net.unet', network: 'Big', networks: [], nearest: undefined },
  ],
  'network-not-chosen': [{ path: 'net.unet', networks: ['Net', 'Small'] }],
  'unknown-recipe': [
    { path: 'cells.unet', recipe: 'Quik', recipes: ['Quick', 'Slow'], nearest: 'Quick' },
    { path: 'cells.unet', recipe: 'No', recipes: ['Quick', 'Slow'], nearest: undefined },
    { path: 'cells.unet', recipe: 'No', recipes: [], nearest: undefined },
  ],
  'recipe-not-chosen': [{ path: 'cells.unet', recipes: ['Quick', 'Slow'] }],
  'unknown-map': [
    { map: 'milesail', maps: ['milesial', 'monai-basic-unet'], nearest: 'milesial' },
    { map: 'mine.json', maps: ['milesial', 'monai-basic-unet'], nearest: undefined },
  ],
  'invalid-option-value': [
    ...wanted.map((one) => ({ option: '--option', value: 'xml', wanted: one })),
    { option: '--data', value: '', wanted: { form: 'folder' } },
  ],
  'conflicting-options': [{ options: ['--seed', '--weights'] }],
  'incomplete-options': [
    { option: '--map', required: 'weights' },
    { option: '--probabilities', required: 'png-output' },
    { option: '--spacing', required: 'volume' },
    { option: '--to-map', required: 'safetensors-output' },
  ],
  'needless-option': [
    { options: ['--head'], reason: { case: 'model-head', head: 'softmax' } },
    { options: ['--axis'], reason: { case: 'whole-volumes' } },
    { options: ['--fold'], reason: { case: 'target', target: 'tfjs' } },
    { options: ['--compare'], reason: { case: 'model-file' } },
    { options: ['--seed', '--map'], reason: { case: 'model-file' } },
    { options: ['--split'], reason: { case: 'without', other: '--data' } },
  ],
  'evaluation-truth-missing': [
    { path: 'predicted', isRun: false },
    { path: 'runs/cells', isRun: true },
  ],
  'internal-option': [{ option: '--probe', command: 'unet doctor' }],
  'invalid-output-path': [
    { option: '-o', path: 'net.png', problem: { case: 'ending', endings: ['.svg'] } },
    { option: '-o', path: 'mask.bmp', problem: { case: 'ending', endings: ['.png', '.npy', '.nii.gz'] } },
    {
      option: '--to',
      path: 'w.bin',
      problem: { case: 'ending', endings: ['.safetensors', '.onnx'], folder: true },
    },
    { option: '--to', path: 'w.pth', problem: { case: 'pytorch' } },
    { option: '-o', path: 'cells.png', problem: { case: 'is-input' } },
    { option: '--to', path: 'net.json', problem: { case: 'model-json' } },
  ],
  'wrong-engine': [
    { model: 'ONNX', engine: 'tfjs' },
    { model: 'TensorFlow.js', engine: 'ort' },
  ],
  'unsupported-opset': [{ opset: 9, least: 13, most: 22 }],
  'invalid-data-file-name': [{ name: '../weights.bin' }],
  'pinned-size': [{ network: 'Net', stage: 'bottleneck', table: [8, 12], input: [16, 24] }],
  'tensor-too-large': [{ name: 'bottleneck.conv[1].weight', shape: [16_384, 16_384, 3, 3] }],
};
