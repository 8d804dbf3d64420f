import { type Diagnosed, diagnose } from '../diagnostics/diagnostic.js';
import { axisName } from '../ir/graph.js';
import { pinsSize } from '../ir/node-record.js';
import { useNotes } from '../language/modules/library-diagnostics.js';
import { admissibleSizes } from '../shape/admissible.js';
import { checkInput, type InputSpans, strideOf } from '../shape/check-input.js';
import type { WithAxes, WithGraphs, WithSizes } from './artifacts.js';

/** Which input sizes fit. Tables of positions follow the declared input here, so they pin no size. */
export function withAdmissibleSizes(network: WithGraphs): Diagnosed<WithAxes | undefined> {
  const { graph, declared } = network;
  return diagnose((reporter) => {
    const admissible = admissibleSizes(graph, 'follow');
    switch (admissible.kind) {
      case 'sizes':
        return { ...network, axes: admissible.axes };
      case 'none': {
        const { node, axis: index } = admissible;
        const axis = axisName(index, graph.rank);
        return reporter.report(
          'no-size-fits',
          node.origin.span,
          { axis, op: node.path.text, stride: strideOf(node, index), ...admissible.tooSmall },
          {
            notes: [
              ...useNotes(node.origin),
              { message: 'the network is declared here', span: declared.nameSpan },
            ],
            help: 'this operation and those before it need sizes that exclude each other: check kernels, windows and strides',
          },
        );
      }
      case 'out-of-range':
        return reporter.report(
          'size-out-of-range',
          declared.nameSpan,
          {},
          { help: 'strides multiply from one operation to the next: use fewer levels or smaller strides' },
        );
      default:
        return admissible satisfies never;
    }
  });
}

/**
 * The size of every value at the network's input, which must fit. A table of positions is made for the declared input:
 * that may be any size that fits the other ops, and then no other input fits.
 */
export function withSizes(network: WithAxes): Diagnosed<WithSizes | undefined> {
  const { graph, declared, spec, outside, axes } = network;
  return diagnose((reporter) => {
    const place: InputSpans = { ...declared.input.value, span: declared.input.span };
    const hasTables = pinsSize(graph);
    if (!outside.input) {
      const sizes = checkInput(graph, axes, declared, place, reporter);
      return sizes && { ...network, axes: hasTables ? pinnedAxes(network) : axes, sizes };
    }
    if (hasTables && !checkInput(graph, axes, declared, place, reporter)) return undefined;
    const all = hasTables ? pinnedAxes(network) : axes;
    const sizes = checkInput(graph, all, spec, outside.input, reporter);
    return sizes && { ...network, axes: all, sizes };
  });
}

/** The sizes that fit the tables of positions too. */
function pinnedAxes({ graph }: WithGraphs): WithAxes['axes'] {
  const pinned = admissibleSizes(graph);
  if (pinned.kind !== 'sizes') throw new Error(`${graph.name} takes its declared input, and no input`);
  return pinned.axes;
}
