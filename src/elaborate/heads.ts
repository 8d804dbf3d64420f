import type { ValueId } from '../ir/graph.js';
import { StagePath } from '../ir/stage-path.js';
import { type NetworkSpec, originText, type Setting } from '../language/resolve/network-spec.js';
import type { BlockEnvironment } from './block/environment.js';
import { expandBlock } from './block/expand-block.js';
import type { Maybe } from './context.js';
import { cropLike } from './crop-like.js';
import type { Layers } from './layers.js';
import { poolStride } from './pool-stride.js';

/** A map that a head turns into classes. */
export interface Supervised {
  /** The path of the head: `head` for the network's own, `head[2]` for a level's, `head[1,2]` for a grid node's. */
  readonly path: StagePath;
  readonly value: ValueId;
  /** The level that the map belongs to. */
  readonly level: number;
}

/** Adds the heads: the layers that turn maps into logits, and logits into probabilities. */
export class Heads {
  constructor(
    private readonly spec: NetworkSpec,
    private readonly environment: BlockEnvironment,
    private readonly layersAt: (path: StagePath) => Layers,
  ) {}

  /** The probabilities or the logits of the classes, (N, classes, ...spatial). */
  output({ path, value }: Supervised): Maybe {
    return this.activated(this.logits(path, value), path);
  }

  /**
   * One output from several maps: the logits of each map, enlarged and cropped to the size of the first, then added or
   * mixed by one more 1x1 conv (the "deep supervision" of the Attention U-Net, Oktay et al. 2018).
   */
  fused(maps: readonly Supervised[], how: 'sum' | 'concat'): Maybe {
    const [first, ...others] = maps;
    if (!first) return undefined;
    const main = this.logits(first.path, first.value);
    const enlarged = others.map((map) => this.enlarged(map, main));
    const layers = this.layersAt(StagePath.of('head'));
    const { elaboration, path } = layers;
    const origin = originOf(this.spec.deepSupervision);
    if (how === 'concat') {
      const joined = elaboration.add('concat', [main, ...enlarged], {}, path, origin);
      return this.activated(this.mixed(path, joined), path);
    }
    const sum = enlarged.reduce((a, b) => elaboration.add('add', [a, b], {}, path, origin), main);
    return this.activated(sum, path);
  }

  /** The logits of the classes, from the network's block for the head or from a 1x1 conv. */
  private logits(path: StagePath, value: Maybe): Maybe {
    const { classes, headBlock } = this.spec;
    if (!headBlock) return this.mixed(path, value);
    const layers = this.layersAt(path);
    const made = expandBlock(headBlock.value, value, classes.value, layers, this.environment);
    if (made === undefined) return undefined;
    const found = layers.elaboration.channels(made);
    if (found === classes.value) return made;
    const { declaration } = headBlock.value.block;
    return layers.elaboration.reporter.report(
      'head-channels',
      headBlock.span,
      { block: declaration.name.name, channels: found, classes: classes.value },
      {
        notes: [{ message: originText(classes, 'classes'), span: classes.span }],
        help: 'the first parameter of the block is the number of classes: the last conv must make that many channels',
      },
    );
  }

  /** A 1x1 conv to the classes always has a bias. */
  private mixed(path: StagePath, value: Maybe): Maybe {
    const { classes, rank } = this.spec;
    const kernel = Array.from({ length: rank }, () => 1);
    return this.layersAt(path).conv(
      value,
      { kernel, channels: classes.value, bias: true },
      originOf(classes),
    );
  }

  private activated(logits: Maybe, path: StagePath): Maybe {
    const { head } = this.spec;
    const { kind } = head.value;
    return kind === 'logits'
      ? logits
      : this.layersAt(path).elaboration.add(kind, [logits], {}, path, originOf(head));
  }

  private enlarged({ path, value, level }: Supervised, like: Maybe): Maybe {
    const { levels, rank, deepSupervision } = this.spec;
    const layers = this.layersAt(path);
    const origin = originOf(deepSupervision);
    const factor = levels
      .slice(0, level - 1)
      .map(poolStride)
      .reduce(
        (product, stride) => product.map((size, axis) => size * (stride[axis] ?? 1)),
        Array.from({ length: rank }, () => 1),
      );
    const logits = this.logits(path, value);
    const attributes = { mode: 'linear', factor, alignCorners: false } as const;
    return cropLike(
      layers,
      layers.elaboration.add('resize', [logits], attributes, path, origin),
      like,
      origin,
    );
  }
}

function originOf({ span }: Setting<unknown>) {
  return { span, uses: [] };
}
