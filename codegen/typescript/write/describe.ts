import type { LayerTemplate, Ref, RepeatTemplate, StepTemplate } from '../template/template.js';
import type { LiteralValue } from '../template/value.js';

/** What a description knows of a template: the holes that have a value, and what a function that it calls is called. */
export interface Described {
  value(hole: number): LiteralValue | undefined;
  functionName(number: number): string;
  /** How often a repetition runs: `twice:`, `for each of `filters`:`. */
  times(step: RepeatTemplate): string;
}

/** More steps than these nobody reads in a sentence. */
const LONGEST = 40;
const LONGEST_TEXT = 320;

/** One sentence on what a function does: its layers in order. Undefined where that would be too long to read. */
export function describe(
  template: readonly StepTemplate[],
  result: number,
  about: Described,
): string | undefined {
  if (template.length > LONGEST) return undefined;
  const text = sentence(new Describer(template, about).of({ step: result }));
  return text.length > LONGEST_TEXT ? undefined : text;
}

class Describer {
  constructor(
    private readonly template: readonly StepTemplate[],
    private readonly about: Described,
  ) {}

  /** The steps that lead to a value, in words: `3x3 convolution, ReLU`. Values in `known` have been told. */
  of(ref: Ref, known: ReadonlySet<number> = new Set()): string {
    if ('outer' in ref) return '';
    const step = this.template[ref.step];
    if (!step || known.has(ref.step)) return '';
    const [input, ...others] = step.inputs;
    if (!input) return this.words(step);
    const before = this.of(input, known);
    const told = others.length === 0 ? this.words(step) : this.joined(step, input, others, known);
    return [before, told].filter((text) => text !== '').join(', ');
  }

  /** What is joined to a value. */
  private joined(
    step: StepTemplate,
    first: Ref,
    others: readonly Ref[],
    before: ReadonlySet<number>,
  ): string {
    const known = new Set(before);
    this.collect(first, known);
    const layer = step.kind === 'layer' ? step.layer : '';
    const told = others.map((other) => {
      const own = this.of(other, known);
      if (own === '') return 'step' in other ? 'itself' : 'the input';
      return layer === 'add' && sameStart(this.template, first, other)
        ? `a shortcut (${own})`
        : inBrackets(own);
    });
    return `${verbs[layer] ?? 'joined with'} ${told.join(' and ')}`;
  }

  /** All steps that lead to a value. */
  private collect(ref: Ref, steps: Set<number>): void {
    if ('outer' in ref || steps.has(ref.step)) return;
    steps.add(ref.step);
    for (const input of this.template[ref.step]?.inputs ?? []) this.collect(input, steps);
  }

  private words(step: StepTemplate): string {
    switch (step.kind) {
      case 'repeat': {
        const inside = new Describer(step.body, this.about).of({ step: step.body.length - 1 });
        return `${this.about.times(step)} ${this.template.length > 1 ? inBrackets(inside) : inside}`;
      }
      case 'call':
        return `\`${this.about.functionName(step.function)}\``;
      default:
        return this.layer(step);
    }
  }

  private layer(step: LayerTemplate): string {
    const window =
      this.size(step, 'kernelSize') ?? this.size(step, 'poolSize') ?? this.size(step, 'size') ?? '';
    const sized = (words: string) => (window === '' ? words : `${window} ${words}`);
    const strided = this.size(step, 'strides');
    const stride = strided !== undefined && !/^1(x1)*$/.test(strided) ? ` with stride ${strided}` : '';
    const isDilated = !/^(1(x1)*)?$/.test(this.size(step, 'dilationRate') ?? '');
    switch (step.layer) {
      case 'conv2d':
      case 'conv3d':
        return sized(`${isDilated ? 'dilated ' : ''}convolution`) + stride;
      case 'groupedConv':
        return sized(`grouped ${isDilated ? 'dilated ' : ''}convolution`) + stride;
      case 'depthwiseConv2d':
        return sized('depthwise convolution');
      case 'conv2dTranspose':
      case 'convTranspose':
        return sized('transposed convolution');
      case 'maxPooling2d':
      case 'maxPooling3d':
        return sized('max pooling');
      case 'averagePooling2d':
      case 'averagePooling3d':
        return sized('average pooling');
      case 'upSampling2d':
      case 'upSampling':
        return sized('upsampling');
      case 'activation':
        return activations[String(this.argument(step, 'activation'))] ?? 'activation';
      case 'padding':
        return `${this.argument(step, 'mode') ?? ''} padding`.trim();
      case 'groupNormalization':
        // The name of the layer says what the spec has.
        return step.words.at(-1) === 'instanceNorm' ? 'instance normalization' : 'group normalization';
      default:
        return layerWords[step.layer] ?? step.layer;
    }
  }

  private argument({ args }: LayerTemplate, key: string): LiteralValue | undefined {
    const argument = args.find((one) => one.key === key);
    return argument && 'hole' in argument ? this.about.value(argument.hole) : undefined;
  }

  private size(step: LayerTemplate, key: string): string | undefined {
    const value = this.argument(step, key);
    if (typeof value === 'object') return value.join('x');
    return undefined;
  }
}

const activations: Readonly<Record<string, string>> = { sigmoid: 'sigmoid', swish: 'SiLU', gelu: 'GELU' };

/** What a layer does with the values after its first. */
const verbs: Readonly<Record<string, string>> = {
  add: 'plus',
  multiply: 'times',
  attention: 'attention with',
};

const layerWords: Readonly<Record<string, string>> = {
  batchNormalization: 'batch normalization',
  layerNormalization: 'layer normalization',
  reLU: 'ReLU',
  leakyReLU: 'leaky ReLU',
  prelu: 'PReLU',
  elu: 'ELU',
  softmax: 'softmax',
  dropout: 'dropout',
  cropping2D: 'cropping',
  zeroPadding2d: 'zero padding',
  positions: 'learned positions',
  interpolation: 'interpolation',
  globalAverage: 'global average',
  sinusoid: 'sinusoidal embedding',
};

/** Whether two values go back to the same one from outside: a shortcut does, a second input's share does not. */
function sameStart(template: readonly StepTemplate[], a: Ref, b: Ref): boolean {
  const [x, y] = [a, b].map((ref) => startOf(template, ref));
  return x === y;
}

/** The number of the value from outside that the first inputs lead back to. */
function startOf(template: readonly StepTemplate[], ref: Ref): number | undefined {
  let next: Ref | undefined = ref;
  while (next && 'step' in next) next = template[next.step]?.inputs[0];
  return next?.outer;
}

function inBrackets(text: string): string {
  return text.includes(',') ? `(${text})` : text;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** How many times, in words. */
export function timesText(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}
