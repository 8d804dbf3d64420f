/** Settings that contradict each other, or one that contradicts what it is used for. */
export type Contradiction =
  | {
      readonly problem: 'interpolation-axes';
      readonly mode: 'bilinear' | 'trilinear';
      /** The axes that the mode interpolates, and those of the network. */
      readonly axes: number;
      readonly rank: number;
    }
  | { readonly problem: 'interpolation-channels'; readonly mode: 'bilinear' | 'trilinear' | 'nearest' }
  | { readonly problem: 'bottleneck-set-twice' }
  | {
      readonly problem: 'inner-levels';
      readonly requested: number;
      /** The levels between the first one and the bottleneck. */
      readonly available: number;
    }
  | { readonly problem: 'gates-not-combined'; readonly gates: number }
  | { readonly problem: 'empty-range'; readonly word: string; readonly low: string; readonly high: string }
  | { readonly problem: 'channels-of-normalize'; readonly found: number; readonly channels: number }
  | { readonly problem: 'impossible-size'; readonly op: string; readonly axis: string; readonly size: number }
  | { readonly problem: 'sinusoid-channels'; readonly channels: number }
  | { readonly problem: 'time-uses-itself' }
  | { readonly problem: 'loss-is-zero'; readonly terms: number }
  | { readonly problem: 'class-weights-are-zero'; readonly count: number }
  | {
      readonly problem: 'class-weights-count';
      readonly count: number;
      readonly network: string;
      readonly classes: number;
    }
  | {
      readonly problem: 'loss-of-other-head';
      readonly loss: string;
      /** The head that the loss is for, and the head of the network. */
      readonly needed: 'softmax' | 'sigmoid';
      readonly head: 'softmax' | 'sigmoid';
      readonly instead: string;
    }
  | { readonly problem: 'softmax-of-one-class' }
  | {
      readonly problem: 'length-without-spacing';
      readonly option: string;
      readonly word: string;
      readonly length: string;
      readonly network: string;
    }
  | {
      readonly problem: 'norm-of-one-value';
      readonly norm: 'batch' | 'instance';
      /** The first of the norms, and how many there are. */
      readonly first: string;
      readonly count: number;
      readonly patch: readonly number[];
    };

/** A contradiction in one sentence. */
export function contradictionText(a: Contradiction): string {
  switch (a.problem) {
    case 'interpolation-axes':
      return `\`${a.mode}\` interpolates over ${a.axes} axes, but the input has ${a.rank}`;
    case 'interpolation-channels':
      return `\`${a.mode}\` alone cannot change the number of channels`;
    case 'bottleneck-set-twice':
      return 'the block of the bottleneck is set twice';
    case 'inner-levels':
      return `\`deep_supervision\` needs ${a.requested} inner levels, but the network has ${a.available}`;
    case 'gates-not-combined':
      return `${a.gates} gates make ${a.gates} maps, but \`combine: false\` leaves no conv to combine them`;
    case 'empty-range':
      return `the first number of \`${a.word}\` must be below the second one, but ${a.low} is not below ${a.high}`;
    case 'channels-of-normalize':
      return `\`normalize\` lists ${counted(a.found, 'channel')}, but the input has ${a.channels}`;
    case 'impossible-size':
      return `${a.op} always receives ${a.axis} = ${a.size}, but cannot process a map of that size`;
    case 'sinusoid-channels':
      return `\`sinusoid\` takes a map with 1 channel, such as the time step; this map has ${a.channels}`;
    case 'time-uses-itself':
      return 'the block of `time` computes the embedding, so it cannot use it';
    case 'loss-is-zero':
      return a.terms === 1
        ? 'the loss is 0 for every prediction'
        : `all ${a.terms} terms of the loss are 0 for every prediction`;
    case 'class-weights-are-zero':
      return a.count === 0
        ? '`class_weights` is an empty list'
        : `all ${a.count} numbers of \`class_weights\` are 0, so no position would count`;
    case 'class-weights-count':
      return `\`class_weights\` has ${counted(a.count, 'number')}, but ${a.network} has ${counted(a.classes, 'class')}`;
    case 'loss-of-other-head':
      return `\`${a.loss}\` is a loss for \`head = ${a.needed}\`; for \`head = ${a.head}\` use \`${a.instead}\``;
    case 'softmax-of-one-class':
      return 'a softmax over one class is always 1, so nothing can be trained: write `head = sigmoid`';
    case 'length-without-spacing':
      return `the \`${a.option}\` of \`${a.word}\` is ${a.length}, but ${a.network} has no \`spacing\``;
    case 'norm-of-one-value': {
      const more = a.count === 1 ? 'receives' : `and ${a.count - 1} more receive`;
      const there = a.patch.map(() => 1).join(' x ');
      const cause = a.norm === 'batch' ? '`batch` is 1' : 'an instance norm looks at each sample alone';
      return `in training, the ${a.norm} norm ${a.first} ${more} a single value for each channel: a patch of ${a.patch.join(' x ')} is ${there} there, and ${cause}`;
    }
    default:
      return a satisfies never;
  }
}

function counted(count: number, word: 'number' | 'channel' | 'class'): string {
  const plural = word === 'class' ? 'classes' : `${word}s`;
  return `${count} ${count === 1 ? word : plural}`;
}
