import type { Node, NodeOf } from '../../ir/graph.js';
import type { OpKind } from '../../ir/op-attributes.js';
import type { Arrow, ArrowFamily } from '../picture-parts.js';

/**
 * How a picture shows an op: `map` gets a box, `follow` belongs to the arrow before it (a norm, an activation), `lead`
 * belongs to the arrow after it (padding), `join` combines values.
 */
export type OpRole = 'map' | 'follow' | 'lead' | 'join';

interface OpAppearance<K extends OpKind> {
  readonly role: OpRole;
  readonly family: (node: NodeOf<K>) => ArrowFamily;
  readonly label: (node: NodeOf<K>, inputChannels: number) => string;
}

const times = (list: readonly number[]): string => list.join('x');
const all = (list: readonly number[], value: number): boolean => list.every((entry) => entry === value);
const decimal = (value: number): string => String(Number(value.toPrecision(3)));

const other = (): ArrowFamily => 'other';

function follow(label: string) {
  return { role: 'follow', family: other, label: () => label } as const;
}

function join(label: string) {
  return { role: 'join', family: other, label: () => label } as const;
}

function convLabel({ attributes }: NodeOf<'conv'>, inputChannels: number): string {
  const { kernel, stride, dilation, groups } = attributes;
  const depthwise = groups > 1 && groups === inputChannels;
  return [
    `${depthwise ? 'depthwise ' : ''}conv ${times(kernel)}`,
    ...(all(stride, 1) ? [] : [`stride ${times(stride)}`]),
    ...(all(dilation, 1) ? [] : [`dilation ${times(dilation)}`]),
    ...(groups > 1 && !depthwise ? [`${groups} groups`] : []),
  ].join(' ');
}

const appearances: { readonly [K in OpKind]: OpAppearance<K> } = {
  input: { role: 'map', family: other, label: () => 'input' },
  time: { role: 'map', family: other, label: () => 'time step' },
  conv: {
    role: 'map',
    family: ({ attributes: { kernel, stride } }) =>
      all(stride, 1) ? (all(kernel, 1) ? 'pointwise' : 'conv') : 'down',
    label: convLabel,
  },
  convTranspose: {
    role: 'map',
    family: () => 'up',
    label: ({ attributes: { kernel, stride } }) =>
      `up-conv ${times(kernel)}${times(kernel) === times(stride) ? '' : ` stride ${times(stride)}`}`,
  },
  maxPool: {
    role: 'map',
    family: () => 'down',
    label: ({ attributes: { window, stride } }) =>
      `max pool ${times(window)}${times(window) === times(stride) ? '' : ` stride ${times(stride)}`}`,
  },
  avgPool: {
    role: 'map',
    family: () => 'down',
    label: ({ attributes: { window, stride } }) =>
      `average pool ${times(window)}${times(window) === times(stride) ? '' : ` stride ${times(stride)}`}`,
  },
  resize: {
    role: 'map',
    family: () => 'up',
    label: ({ attributes: { mode, factor } }) => {
      const linear = factor.length === 2 ? 'bilinear' : factor.length === 3 ? 'trilinear' : 'linear';
      return `${mode === 'linear' ? linear : 'nearest'} up ${times(factor)}`;
    },
  },
  interpolate: { role: 'map', family: other, label: () => 'resize' },
  pad: { role: 'lead', family: other, label: ({ attributes: { mode } }) => `${mode} pad` },
  crop: { role: 'map', family: other, label: () => 'crop' },
  concat: {
    ...join('concat'),
    label: ({ inputs }) => (new Set(inputs).size > 1 ? 'concat' : `channels repeated ${inputs.length} x`),
  },
  add: join('add'),
  mul: join('multiply'),
  globalAverage: { role: 'map', family: () => 'down', label: () => 'global average' },
  sinusoid: { role: 'map', family: other, label: () => 'sinusoidal embedding' },
  batchNorm: follow('batch norm'),
  instanceNorm: follow('instance norm'),
  groupNorm: {
    ...follow('group norm'),
    label: ({ attributes: { groups } }) => `group norm (${groups} groups)`,
  },
  layerNorm: follow('layer norm'),
  relu: follow('ReLU'),
  leakyRelu: {
    ...follow('leaky ReLU'),
    label: ({ attributes: { slope } }) => `leaky ReLU ${decimal(slope)}`,
  },
  prelu: follow('PReLU'),
  elu: follow('ELU'),
  gelu: follow('GELU'),
  silu: follow('SiLU'),
  sigmoid: follow('sigmoid'),
  softmax: follow('softmax'),
  attention: {
    ...join('attention'),
    label: ({ attributes: { heads } }) => `attention (${heads} ${heads === 1 ? 'head' : 'heads'})`,
  },
  positions: follow('positions'),
  dropout: { ...follow('dropout'), label: ({ attributes: { rate } }) => `dropout ${decimal(rate)}` },
};

/** The table's entry for a node. The table pairs each kind with its node. */
function appearanceOf(node: Node): OpAppearance<OpKind> {
  // TypeScript does not see that node.kind and the entry's K are the same union member.
  return appearances[node.kind] as unknown as OpAppearance<OpKind>;
}

export function roleOf(node: Node): OpRole {
  return appearanceOf(node).role;
}

/** The op in words: `conv 3x3 stride 2x2`, `batch norm`, `dropout 0.5`. */
export function labelOf(node: Node, inputChannels: number): string {
  return appearanceOf(node).label(node, inputChannels);
}

/** The colour of an arrow with this op only. */
export function arrowFamilyOf(node: Node): ArrowFamily {
  return appearanceOf(node).family(node);
}

/**
 * One arrow for a chain of ops. The op that changes the size sets the colour, or else the first op with a box.
 * Undefined for an empty chain.
 */
export function arrowOf(ops: readonly Node[], label: (node: Node) => string): Arrow | undefined {
  const [first] = ops;
  if (!first) return undefined;
  const leading = ops.find((node) => roleOf(node) === 'map') ?? first;
  const family =
    ops.map(arrowFamilyOf).find((one) => one === 'down' || one === 'up') ?? arrowFamilyOf(leading);
  return { family, label: ops.map(label).join(', ') };
}
