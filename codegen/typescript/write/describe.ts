import type { LayerTemplate, Ref, RepeatTemplate, StatementTemplate } from '../template/template.js';
import type { LiteralValue } from '../template/value.js';

/** What a description needs to know about a template: the values of holes, and the names of called functions. */
export interface Described {
  value(hole: number): LiteralValue | undefined;
  functionName(number: number): string;
  /** The number of rounds in words: `twice:`, `for each of `filters`:`. */
  times(statement: RepeatTemplate): string;
}

/** The most statements that one sentence describes. */
const LONGEST = 40;
const LONGEST_TEXT = 320;

/** One sentence that lists the layers of a function in order; undefined if it would be too long to read. */
export function describe(
  template: readonly StatementTemplate[],
  result: number,
  about: Described,
): string | undefined {
  if (template.length > LONGEST) return undefined;
  const text = sentence(new Describer(template, about).of({ statement: result }));
  return text.length > LONGEST_TEXT ? undefined : text;
}

class Describer {
  constructor(
    private readonly template: readonly StatementTemplate[],
    private readonly about: Described,
  ) {}

  /** The statements before a value, in words: `3x3 convolution, ReLU`. Values in `known` are already described. */
  of(ref: Ref, known: ReadonlySet<number> = new Set()): string {
    if ('outer' in ref) return '';
    const statement = this.template[ref.statement];
    if (!statement || known.has(ref.statement)) return '';
    const [input, ...others] = statement.inputs;
    if (!input) return this.words(statement);
    const before = this.of(input, known);
    const told = others.length === 0 ? this.words(statement) : this.joined(statement, input, others, known);
    return [before, told].filter((text) => text !== '').join(', ');
  }

  /** A join with its other inputs. */
  private joined(
    statement: StatementTemplate,
    first: Ref,
    others: readonly Ref[],
    before: ReadonlySet<number>,
  ): string {
    const known = new Set(before);
    this.collect(first, known);
    const layer = statement.kind === 'layer' ? statement.layer : '';
    const told = others.map((other) => {
      const own = this.of(other, known);
      if (own === '') return 'statement' in other ? 'itself' : 'the input';
      return layer === 'add' && sameStart(this.template, first, other)
        ? `a shortcut (${own})`
        : inBrackets(own);
    });
    return `${verbs[layer] ?? 'joined with'} ${told.join(' and ')}`;
  }

  /** All statements before a value. */
  private collect(ref: Ref, statements: Set<number>): void {
    if ('outer' in ref || statements.has(ref.statement)) return;
    statements.add(ref.statement);
    for (const input of this.template[ref.statement]?.inputs ?? []) this.collect(input, statements);
  }

  private words(statement: StatementTemplate): string {
    switch (statement.kind) {
      case 'repeat': {
        const inside = new Describer(statement.body, this.about).of({ statement: statement.body.length - 1 });
        return `${this.about.times(statement)} ${this.template.length > 1 ? inBrackets(inside) : inside}`;
      }
      case 'call':
        return `\`${this.about.functionName(statement.function)}\``;
      default:
        return this.layer(statement);
    }
  }

  private layer(statement: LayerTemplate): string {
    const window =
      this.size(statement, 'kernelSize') ??
      this.size(statement, 'poolSize') ??
      this.size(statement, 'size') ??
      '';
    const sized = (words: string) => (window === '' ? words : `${window} ${words}`);
    const strided = this.size(statement, 'strides');
    const stride = strided !== undefined && !/^1(x1)*$/.test(strided) ? ` with stride ${strided}` : '';
    const isDilated = !/^(1(x1)*)?$/.test(this.size(statement, 'dilationRate') ?? '');
    switch (statement.layer) {
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
        return activations[String(this.argument(statement, 'activation'))] ?? 'activation';
      case 'padding':
        return `${this.argument(statement, 'mode') ?? ''} padding`.trim();
      case 'groupNormalization':
        // The op in the layer's name tells which norm the spec has.
        return statement.words.at(-1) === 'instanceNorm' ? 'instance normalization' : 'group normalization';
      default:
        return layerWords[statement.layer] ?? statement.layer;
    }
  }

  private argument({ args }: LayerTemplate, key: string): LiteralValue | undefined {
    const argument = args.find((one) => one.key === key);
    return argument && 'hole' in argument ? this.about.value(argument.hole) : undefined;
  }

  private size(statement: LayerTemplate, key: string): string | undefined {
    const value = this.argument(statement, key);
    if (typeof value === 'object') return value.join('x');
    return undefined;
  }
}

const activations: Readonly<Record<string, string>> = { sigmoid: 'sigmoid', swish: 'SiLU', gelu: 'GELU' };

/** How a layer joins the values after its first. */
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

/**
 * Whether two values start from the same outside value: a shortcut does, the contribution of a second input does not.
 */
function sameStart(template: readonly StatementTemplate[], a: Ref, b: Ref): boolean {
  const [x, y] = [a, b].map((ref) => startOf(template, ref));
  return x === y;
}

/** The number of the outside value that the first inputs lead back to. */
function startOf(template: readonly StatementTemplate[], ref: Ref): number | undefined {
  let next: Ref | undefined = ref;
  while (next && 'statement' in next) next = template[next.statement]?.inputs[0];
  return next?.outer;
}

function inBrackets(text: string): string {
  return text.includes(',') ? `(${text})` : text;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A number of times, in words. */
export function timesText(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}
