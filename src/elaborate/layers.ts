import type { Span } from '../diagnostics/span.js';
import type { Origin } from '../ir/graph.js';
import type { StagePath } from '../ir/stage-path.js';
import { useNotes } from '../language/modules/library-diagnostics.js';
import { type LevelSpec, originText } from '../language/resolve/network-spec.js';
import type { Activation, Norm, Padding } from '../language/schema/attributes.js';
import type { Elaboration, Maybe } from './context.js';
import { convBorders, transposeBorders } from './padding.js';

/** The numbers of groups, or heads, nearest to the written one that divide the channels. */
export function divisorHelp(channels: number, groups: number, parts: 'groups' | 'heads' = 'groups'): string {
  const divides = (count: number) => channels % count === 0;
  let below = Math.min(groups, channels);
  while (!divides(below)) below -= 1;
  let above = groups;
  while (above < channels && !divides(above)) above += 1;
  const nearest = above > below && divides(above) ? `${below} or ${above}` : `${below}`;
  return `${channels} channels can be divided into ${nearest} ${parts}`;
}

/** A conv as it is written. Its borders follow from the padding. */
export interface ConvRequest {
  readonly kernel: readonly number[];
  readonly channels: number;
  readonly stride?: readonly number[] | undefined;
  readonly dilation?: readonly number[] | undefined;
  readonly groups?: number;
  readonly bias?: boolean | undefined;
  readonly padding?: Padding | undefined;
  readonly init?: LevelSpec['init']['value']['kind'] | undefined;
}

/** Adds layers below one stage path. The network's settings at the level fill in what is left out. */
export class Layers {
  constructor(
    readonly elaboration: Elaboration,
    readonly level: LevelSpec,
    readonly path: StagePath,
  ) {}

  /** The same level under another path. */
  at(path: StagePath): Layers {
    return new Layers(this.elaboration, this.level, path);
  }

  conv(input: Maybe, request: ConvRequest, origin: Origin): Maybe {
    if (input === undefined) return undefined;
    const { kernel, channels, groups = 1 } = request;
    const ones = kernel.map(() => 1);
    const stride = request.stride ?? ones;
    const dilation = request.dilation ?? ones;
    const inputChannels = this.elaboration.channels(input);
    for (const [what, count] of [
      ['input', inputChannels],
      ['output', channels],
    ] as const) {
      if (count % groups === 0) continue;
      const args = { what: `${what} of a conv of ${this.path}`, channels: count, groups };
      return this.elaboration.reporter.report('groups-not-divisible', origin.span, args, {
        notes: useNotes(origin),
        help: divisorHelp(count, groups),
      });
    }
    const padding = request.padding ?? this.level.padding.value.kind;
    const borders = convBorders(padding, kernel, stride, dilation);
    const padded = borders.pad ? this.elaboration.add('pad', [input], borders.pad, this.path, origin) : input;
    return this.elaboration.add(
      'conv',
      [padded],
      {
        kernel,
        stride,
        dilation,
        before: borders.before,
        after: borders.after,
        residue: borders.residue,
        channels,
        groups,
        bias: request.bias ?? this.level.bias.value,
        init: request.init ?? this.level.init.value.kind,
      },
      this.path,
      origin,
    );
  }

  transpose(
    input: Maybe,
    request: {
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      readonly channels: number;
      readonly bias?: boolean | undefined;
    },
    origin: Origin,
  ): Maybe {
    const { kernel, stride, channels } = request;
    const axis = kernel.findIndex((size, i) => size < (stride[i] ?? 1));
    if (axis >= 0) {
      const args = {
        kernel: kernel[axis] ?? 1,
        stride: stride[axis] ?? 1,
        axis: this.elaboration.axisName(axis),
      };
      this.elaboration.reporter.report('kernel-below-stride', origin.span, args, {
        help: `these positions contain only the bias: use a kernel of at least ${args.stride}`,
      });
    }
    const borders = transposeBorders(this.level.padding.value.kind, kernel, stride);
    const bias = request.bias ?? this.level.bias.value;
    const init = this.level.init.value.kind;
    const attributes = { kernel, stride, ...borders, channels, bias, init };
    return this.elaboration.add('convTranspose', [input], attributes, this.path, origin);
  }

  /** A norm, as the network or a block sets it. */
  norm(
    input: Maybe,
    { value: norm, span }: { readonly value: Norm; readonly span: Span },
    origin: Origin,
  ): Maybe {
    if (input === undefined) return undefined;
    switch (norm.kind) {
      case 'none':
        return input;
      case 'batch': {
        const { affine, momentum, eps } = norm;
        return this.elaboration.add('batchNorm', [input], { affine, momentum, eps }, this.path, origin);
      }
      case 'instance': {
        const { affine, eps } = norm;
        return this.elaboration.add('instanceNorm', [input], { affine, eps }, this.path, origin);
      }
      case 'group': {
        const { groups, affine, eps } = norm;
        const channels = this.elaboration.channels(input);
        if (channels % groups !== 0) {
          const args = { what: `norm of ${this.path}`, channels, groups };
          return this.elaboration.reporter.report('groups-not-divisible', span, args, {
            notes: [
              {
                message: originText(this.level.channels, 'channels'),
                span: this.level.channels.span,
              },
              ...(span === origin.span ? useNotes(origin) : []),
            ],
            help: divisorHelp(channels, groups),
          });
        }
        return this.elaboration.add('groupNorm', [input], { groups, affine, eps }, this.path, origin);
      }
      case 'layer': {
        const { affine, eps } = norm;
        return this.elaboration.add('layerNorm', [input], { affine, eps }, this.path, origin);
      }
      default:
        return norm satisfies never;
    }
  }

  activation(input: Maybe, activation: Activation, origin: Origin): Maybe {
    if (input === undefined) return undefined;
    const add = this.elaboration;
    switch (activation.kind) {
      case 'none':
        return input;
      case 'leaky_relu':
        return add.add('leakyRelu', [input], { slope: activation.slope }, this.path, origin);
      case 'elu':
        return add.add('elu', [input], { alpha: activation.alpha }, this.path, origin);
      case 'prelu':
        return add.add('prelu', [input], { shared: activation.shared }, this.path, origin);
      case 'relu':
      case 'gelu':
      case 'silu':
        return add.add(activation.kind, [input], {}, this.path, origin);
      default:
        return activation satisfies never;
    }
  }

  dropout(input: Maybe, rate: number, origin: Origin): Maybe {
    return rate === 0 ? input : this.elaboration.add('dropout', [input], { rate }, this.path, origin);
  }
}
