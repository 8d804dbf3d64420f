import type { Origin, ValueId } from '../ir/graph.js';
import type { UpChannels, UpSetting } from '../semantics/attributes.js';
import type { Setting } from '../semantics/network-spec.js';
import type { Maybe } from './context.js';
import type { Layers } from './layers.js';

/** The way up to a level: by the factors of its pooling unless written otherwise. */
export function goUp(
  layers: Layers,
  up: Setting<UpSetting>,
  factors: readonly number[],
  skipChannels: number,
  input: ValueId,
  origin: Origin,
): Maybe {
  const { elaboration, path } = layers;
  const setting = up.value;
  switch (setting.kind) {
    case 'transpose': {
      const channels = channelsAfter(layers, setting.channels, skipChannels, input, origin);
      if (channels === undefined) return undefined;
      const stride = setting.stride ?? factors;
      const { kernel = stride, bias } = setting;
      return layers.transpose(input, { kernel, stride, channels, bias }, origin);
    }
    case 'bilinear':
    case 'trilinear':
    case 'nearest': {
      const mode = setting.kind === 'nearest' ? 'nearest' : 'linear';
      const alignCorners = setting.kind !== 'nearest' && setting.align_corners;
      const attributes = { mode, factor: setting.factor ?? factors, alignCorners } as const;
      const resized = elaboration.add('resize', [input], attributes, path, origin);
      if (!setting.conv) {
        if (setting.channels === undefined) return resized;
        return elaboration.reporter.report(
          'contradiction',
          origin.span,
          { text: `\`${setting.kind}\` alone cannot change the channels` },
          { help: 'give it a conv: `conv: 1x1`, or leave `channels` out' },
        );
      }
      const channels = channelsAfter(
        layers,
        setting.channels ?? { kind: 'halve' },
        skipChannels,
        input,
        origin,
      );
      return channels === undefined
        ? undefined
        : layers.conv(resized, { kernel: setting.conv, channels }, origin);
    }
    default:
      return setting satisfies never;
  }
}

function channelsAfter(
  layers: Layers,
  rule: UpChannels,
  skipChannels: number,
  input: ValueId,
  origin: Origin,
): number | undefined {
  const channels = layers.elaboration.channels(input);
  if (typeof rule === 'number') return rule;
  switch (rule.kind) {
    case 'keep':
      return channels;
    case 'skip':
      return skipChannels;
    case 'halve':
      if (channels % 2 === 0) return channels / 2;
      return layers.elaboration.reporter.report(
        'odd-channels',
        origin.span,
        { channels, level: layers.level.level + 1 },
        { help: 'say how many channels the way up has: `channels: skip`, `channels: keep` or a number' },
      );
    default:
      return rule satisfies never;
  }
}
