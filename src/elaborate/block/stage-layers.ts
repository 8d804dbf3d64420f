import type { Origin, ValueId } from '../../ir/graph.js';
import { useNotes } from '../../language/modules/library-diagnostics.js';
import type { LayerSetting } from '../../language/schema/layers.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';

/** Adds the ops of a layer of a block. The network's settings at the level fill in what the layer leaves out. */
export function applyLayer(layers: Layers, stage: LayerSetting, input: ValueId, origin: Origin): Maybe {
  const { elaboration, level } = layers;
  const { reporter, builder } = elaboration;
  const everyAxis = (size: number) => Array.from({ length: builder.rank }, () => size);
  switch (stage.kind) {
    case 'conv': {
      const { channels, padding, init, kernel = level.kernel.value, ...rest } = stage;
      if (channels === undefined) {
        return reporter.report('missing-argument', origin.span, { callee: 'conv', what: '`channels`' });
      }
      const request = { ...rest, kernel, channels, padding: padding?.kind, init: init?.kind };
      return layers.conv(input, request, origin);
    }
    case 'depthwise': {
      const { padding, kernel = level.kernel.value, ...rest } = stage;
      const channels = elaboration.channels(input);
      const request = { ...rest, kernel, channels, groups: channels, padding: padding?.kind };
      return layers.conv(input, request, origin);
    }
    case 'transpose': {
      const { channels = elaboration.channels(input), kernel = everyAxis(2), bias } = stage;
      return layers.transpose(input, { kernel, stride: stage.stride ?? kernel, channels, bias }, origin);
    }
    case 'norm':
      return layers.norm(input, level.norm, origin);
    case 'batch':
    case 'instance':
    case 'group':
    case 'layer':
      return layers.norm(input, { value: stage, span: origin.span }, origin);
    case 'activation':
      return layers.activation(input, level.activation.value, origin);
    case 'relu':
    case 'leaky_relu':
    case 'prelu':
    case 'elu':
    case 'gelu':
    case 'silu':
      return layers.activation(input, stage, origin);
    case 'sigmoid':
    case 'softmax':
      return elaboration.add(stage.kind, [input], {}, layers.path, origin);
    case 'dropout':
      return layers.dropout(input, stage.rate ?? level.dropout.value, origin);
    case 'max':
    case 'avg': {
      const { window = everyAxis(2) } = stage;
      const attributes = { window, stride: stage.stride ?? window };
      const kind = stage.kind === 'max' ? 'maxPool' : 'avgPool';
      return elaboration.add(kind, [input], attributes, layers.path, origin);
    }
    case 'bilinear':
    case 'trilinear':
    case 'nearest': {
      const { factor = everyAxis(2) } = stage;
      const mode = stage.kind === 'nearest' ? 'nearest' : 'linear';
      const alignCorners = stage.kind !== 'nearest' && stage.align_corners;
      return elaboration.add('resize', [input], { mode, factor, alignCorners }, layers.path, origin);
    }
    case 'global_avg':
      return elaboration.add('globalAverage', [input], {}, layers.path, origin);
    case 'sinusoid': {
      const { channels, period } = stage;
      if (channels === undefined) {
        return reporter.report('missing-argument', origin.span, { callee: stage.kind, what: '`channels`' });
      }
      const given = elaboration.channels(input);
      if (given !== 1) {
        const args = { problem: 'sinusoid-channels', channels: given } as const;
        return reporter.report('contradiction', origin.span, args, { notes: useNotes(origin) });
      }
      return elaboration.add('sinusoid', [input], { channels, period }, layers.path, origin);
    }
    case 'positions': {
      const size = elaboration.declaredSizes(input);
      return elaboration.add('positions', [input], { size }, layers.path, origin);
    }
    default:
      return stage satisfies never;
  }
}
