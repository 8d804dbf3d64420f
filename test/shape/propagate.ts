import type { Graph, Node } from '../../src/ir/graph.js';

/**
 * The sizes of all values along one axis for an input size n, or undefined where some op can't take what it gets:
 * plain integers, op by op, from the attributes. It shares no code with src/shape or the axis maps.
 */
export function propagate(graph: Graph, axis: number, n: number): readonly number[] | undefined {
  const sizes: number[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => sizes[id] ?? Number.NaN);
    // What has one position is joined with maps of any size.
    const isJoin = node.kind === 'add' || node.kind === 'mul';
    if (inputs.some((size, i) => size !== inputs[0] && !(isJoin && i > 0 && size === 1))) return undefined;
    const size = node.kind === 'input' ? n : sizeAfter(node, axis, inputs[0] ?? Number.NaN);
    if (size === undefined || !(size >= 1)) return undefined;
    sizes.push(size);
  }
  return sizes;
}

/** The size that an op makes of a size, or undefined where that size does not fit it. */
function sizeAfter(node: Node, axis: number, size: number): number | undefined {
  const at = (list: readonly number[]) => list[axis] ?? Number.NaN;
  switch (node.kind) {
    case 'conv': {
      const { kernel, stride, dilation, before, after, residue } = node.attributes;
      const reach = (at(kernel) - 1) * at(dilation);
      // What the padding promises of a stride: the sizes n = residue, residue + stride, ... and no other.
      if ((size + at(stride) * 1_000 - at(residue)) % at(stride) !== 0) return undefined;
      const starts = size + at(before) + at(after) - reach;
      return starts < 1 ? undefined : Math.ceil(starts / at(stride));
    }
    case 'maxPool':
    case 'avgPool': {
      const { window, stride } = node.attributes;
      const rest = size - at(window);
      // The windows must end where the map ends.
      return rest >= 0 && rest % at(stride) === 0 ? rest / at(stride) + 1 : undefined;
    }
    case 'convTranspose': {
      const { kernel, stride, before, after } = node.attributes;
      return (size - 1) * at(stride) + at(kernel) - at(before) - at(after);
    }
    case 'resize':
      return size * at(node.attributes.factor);
    case 'pad': {
      const { mode, before, after } = node.attributes;
      // A mirror shows what lies behind the border: at most size - 1 positions.
      if (mode === 'reflect' && Math.max(at(before), at(after)) > size - 1) return undefined;
      return size + at(before) + at(after);
    }
    case 'crop':
      return size - at(node.attributes.before) - at(node.attributes.after);
    case 'interpolate':
      return size + at(node.attributes.change);
    case 'time':
    case 'globalAverage':
      return 1;
    case 'positions':
      return size === at(node.attributes.size) ? size : undefined;
    default:
      return size;
  }
}
