import type { Origin, ValueId } from '../ir/graph.js';
import { originText, type Setting, type UpSetting } from '../language/resolve/network-spec.js';
import type { UpChannels } from '../language/schema/attributes.js';
import type { BlockEnvironment } from './block/environment.js';
import { expandBlock } from './block/expand-block.js';
import type { Maybe } from './context.js';
import type { Layers } from './layers.js';

/** The channels around an upsampling. */
export interface ChannelsAround {
  readonly skip: number;
  readonly below: Setting<number>;
  /** The channels of the level's blocks. */
  readonly level: number;
}

/**
 * Adds the upsampling to a level. Its default factors are those of the level's pooling. A block receives the channels
 * of the level.
 */
export function goUp(
  layers: Layers,
  up: Setting<UpSetting>,
  factors: readonly number[],
  channels: ChannelsAround,
  environment: BlockEnvironment,
  input: ValueId,
  origin: Origin,
): Maybe {
  const { elaboration, path } = layers;
  const setting = up.value;
  switch (setting.kind) {
    case 'transpose': {
      const after = channelsAfter(layers, setting.channels, up, channels, input);
      if (after === undefined) return undefined;
      const stride = setting.stride ?? factors;
      const { kernel = stride, bias } = setting;
      return layers.transpose(input, { kernel, stride, channels: after, bias }, origin);
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
          { problem: 'interpolation-channels', mode: setting.kind },
          { help: 'add a conv with `conv: 1x1`, or leave `channels` out' },
        );
      }
      const after = channelsAfter(layers, setting.channels ?? { kind: 'halve' }, up, channels, input);
      return after === undefined
        ? undefined
        : layers.conv(resized, { kernel: setting.conv, channels: after }, origin);
    }
    case 'block':
      return expandBlock(setting, input, channels.level, layers, environment);
    default:
      return setting satisfies never;
  }
}

function channelsAfter(
  layers: Layers,
  rule: UpChannels,
  up: Setting<UpSetting>,
  around: ChannelsAround,
  input: ValueId,
): number | undefined {
  const channels = layers.elaboration.channels(input);
  if (typeof rule === 'number') return rule;
  switch (rule.kind) {
    case 'keep':
      return channels;
    case 'skip':
      return around.skip;
    case 'halve':
      if (channels % 2 === 0) return channels / 2;
      return layers.elaboration.reporter.report(
        'odd-channels',
        around.below.span,
        { channels, level: layers.level.level + 1 },
        {
          notes: [
            { message: `up[${layers.level.level}] halves them; ${originText(up, 'up')}`, span: up.span },
          ],
          help: 'set the number of channels in `up`: `channels: skip`, `channels: keep` or a number',
        },
      );
    default:
      return rule satisfies never;
  }
}
