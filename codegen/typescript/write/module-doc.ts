import { affineText, evaluateAffine } from '../../../src/ir/affine.js';
import { axisName, type Graph, parametersOf } from '../../../src/ir/graph.js';
import { sourceOf } from '../../../src/ir/node-record.js';
import { elementCount } from '../../../src/ir/parameter.js';
import { admissibleSizes } from '../../../src/shape/admissible.js';
import { grouped } from '../analyse/groups.js';

/** The origin of a module, for the comment at its head. */
export interface Provenance {
  /** The spec's file. */
  readonly spec?: string;
  /** The SHA-256 of the spec's text. */
  readonly hash?: string;
  /** The compiler's version. */
  readonly version?: string;
}

/** The comment at the head of a module: the network, its input and its output. */
export function moduleDoc(graph: Graph, dynamic: boolean, provenance: Provenance | undefined): string {
  const trained = parametersOf(graph).filter(({ trainable }) => trainable);
  const count = trained.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const outputs = graph.outputs.map(({ value }) => shapeText(graph, value, dynamic)).join(' and ');
  const inputs = graph.nodes.flatMap((node) => {
    const source = sourceOf(node);
    return source ? [`${source === 'time' ? 'time step ' : ''}${shapeText(graph, node.id, dynamic)}`] : [];
  });
  const lines = [
    `${graph.name}: a ${graph.rank}D network with ${count.toLocaleString('en-US')} trainable parameters.`,
    '',
    `Input ${inputs.join(', ')}, output ${outputs}.`,
    ...(dynamic ? sizeLines(graph) : []),
    ...provenanceLines(provenance),
  ];
  // The name of a spec must not end the comment.
  const text = lines.map((line) => ` * ${line.replaceAll('*/', '* /')}`.trimEnd());
  return ['/**', ...text, ' */'].join('\n');
}

/** (N, ...spatial, C); free sizes are functions of the input's sizes. */
function shapeText({ nodes, inputSize, rank }: Graph, value: number, dynamic: boolean): string {
  const node = nodes[value];
  const sizes = (node?.spatial ?? []).map((size, axis) =>
    dynamic ? affineText(size, axisName(axis, rank)) : String(evaluateAffine(size, inputSize[axis] ?? 0)),
  );
  return `(${['N', ...sizes, node?.channels ?? 0].join(', ')})`;
}

/** The sizes that fit, one line for axes with the same sizes. */
function sizeLines(graph: Graph): readonly string[] {
  const admissible = admissibleSizes(graph);
  if (admissible.kind !== 'sizes') return [];
  const byRule = grouped(admissible.axes, ({ minimum, step }) => `${minimum} ${step}`);
  return [...byRule.values()].map((axes) => {
    const names = axes.map(({ axis }) => axis).join(' and ');
    const [{ minimum, step } = { minimum: 1, step: 1 }] = axes;
    if (step === 1) return `${names} can be ${minimum} or more.`;
    return `${names} can be ${minimum}, ${minimum + step}, ${minimum + 2 * step} and so on.`;
  });
}

function provenanceLines(provenance: Provenance | undefined): readonly string[] {
  const { spec, hash, version } = provenance ?? {};
  const from = [
    ...(version === undefined ? [] : [`by unet-lang ${version}`]),
    ...(spec === undefined ? [] : [`from ${spec}`]),
    ...(hash === undefined ? [] : [`(SHA-256 ${hash})`]),
  ];
  return from.length === 0 ? [] : ['', `Written ${from.join(' ')}.`];
}
