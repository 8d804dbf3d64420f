import type { Argument, Expression } from '../../grammar/ast.js';
import { nodeParameters } from '../analysis/count.js';
import type { Facts } from '../analysis/facts.js';
import type { Reporter } from '../diagnostics/diagnostic.js';
import { suggestionFor } from '../diagnostics/suggest.js';
import { StagePath } from '../ir/stage-path.js';
import { evaluate, evaluateNumber } from '../language/expressions/evaluate.js';
import { numberText, valueText } from '../language/expressions/values.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import { type AxisSizes, fits } from '../shape/admissible.js';
import { countQuantity, type Quantity, quantityText } from './quantity.js';

/** One side of a row. */
export interface Side {
  readonly quantity: Quantity;
  /** How the quantity came about; called only when a row fails. */
  readonly how: (() => string) | undefined;
  /** How to make it larger, for a row that expects more. */
  readonly larger?: string;
  /** The stage whose shape this is, for hints. */
  readonly stage?: string;
}

const plainNames = ['params', 'macs', 'memory', 'context'] as const;
const functionNames = ['receptive_field', 'admissible'] as const;

/** Evaluates the sides of expectations for a network. */
export class RowEvaluator {
  constructor(
    private readonly spec: NetworkSpec,
    private readonly facts: Facts,
    private readonly axes: readonly AxisSizes[],
    private readonly reporter: Reporter,
  ) {}

  /** The value of an expression; undefined after an error. */
  side(node: Expression): Side | undefined {
    switch (node.kind) {
      case 'name':
        return this.name(node);
      case 'index':
        return this.stageNamed(node);
      case 'member':
        return this.member(node);
      case 'call':
        return this.call(node);
      case 'group':
        return this.side(node.inner);
      default:
        return this.plain(node);
    }
  }

  private name(node: Expression & { kind: 'name' }): Side | undefined {
    const { facts } = this;
    switch (node.name) {
      case 'params':
        return { quantity: countQuantity(facts.parameters), how: () => this.largestStages() };
      case 'macs':
        return {
          quantity: countQuantity(facts.macs),
          how: () => 'the multiply-adds of convs, transposed convs and matrix products',
        };
      case 'memory':
        return {
          quantity: countQuantity(facts.memory.inference),
          how: () => 'the bytes of float32 activations at the peak of inference',
        };
      case 'context':
        return this.lengths(facts.context);
      default: {
        const known = this.spec.scope.lookup(node.name);
        if (known || node.name === 'true' || node.name === 'false') return this.plain(node);
        return this.stage(node.name, node);
      }
    }
  }

  private member(node: Expression & { kind: 'member' }): Side | undefined {
    const { target, member } = node;
    if (target.kind === 'name' && (target.name === 'memory' || target.name === 'params')) {
      const { memory, parameters, trainingParameters } = this.facts;
      const values =
        target.name === 'memory' ? memory : { inference: parameters, training: trainingParameters };
      if (member.name === 'inference') return { quantity: countQuantity(values.inference), how: undefined };
      if (member.name === 'training') return { quantity: countQuantity(values.training), how: undefined };
      const extras = suggestionFor(member.name, member.span, ['inference', 'training']);
      const args = { what: target.name, name: member.name };
      return this.reporter.report('unknown-name', member.span, args, extras);
    }
    if (member.name !== 'crop') {
      const extras = suggestionFor(member.name, member.span, ['crop']);
      return this.reporter.report('unknown-name', member.span, { what: 'member', name: member.name }, extras);
    }
    const name = this.stageName(target);
    if (name === undefined) return undefined;
    const { crops } = this.facts.graph;
    const skips = crops.map((one) => StagePath.of('skip', one.level));
    const crop = crops[skips.findIndex(({ text }) => text === name)];
    if (!crop) return this.unknownStage(name, node, skips, '.crop');
    const { level } = crop;
    const skip = this.facts.stage(`encoder[${level}]`);
    const up = this.facts.stage(`up[${level}]`);
    const text = (value: number | undefined) =>
      value === undefined ? '?' : this.facts.spatial(value).join(' x ');
    return {
      quantity: { type: 'numbers', values: crop.before, length: false },
      how: () =>
        `encoder[${level}] is ${text(skip)} and up[${level}] is ${text(up)}: each side loses half of the difference`,
    };
  }

  private call(node: Expression & { kind: 'call' }): Side | undefined {
    const { name } = node.callee;
    if (name === 'receptive_field') {
      const target = this.onlyArgument(node.args, name, node);
      const stage = target && this.stageName(target.value);
      const value = stage === undefined ? undefined : this.facts.stage(stage);
      if (!target || stage === undefined) return undefined;
      if (value === undefined) return this.unknownStage(stage, target.value);
      const quantity = { type: 'numbers', values: this.facts.receptiveField(value), length: false } as const;
      const larger = 'another level, larger kernels or dilated convs enlarge it';
      return { quantity, how: () => 'the largest over the positions of the stage', larger };
    }
    if (name === 'admissible') {
      const target = this.onlyArgument(node.args, name, node);
      const size = target && evaluate(target.value, this.spec.scope, this.reporter);
      if (!size) return undefined;
      if (size.type !== 'dims' || size.sizes.length !== this.spec.rank + 1) {
        return this.reporter.report('wrong-kind', size.span, {
          what: '`admissible`',
          expected: 'channels and sizes, such as `1 x 572 x 572`',
          found: valueText(size),
        });
      }
      const [channels, ...spatial] = size.sizes.map((one) => one.value);
      const mismatches = this.axes.filter((axis, i) => !fits(axis, spatial[i] ?? 0));
      const value = channels === this.spec.input.value.channels && mismatches.length === 0;
      const rules = this.axes.map(({ axis, step, offset, minimum, maximum }) =>
        maximum === minimum
          ? `${axis} = ${minimum}, the size of a table of positions`
          : `${axis} = ${step}k + ${offset}, at least ${minimum}${maximum === undefined ? '' : `, at most ${maximum}`}`,
      );
      const own = this.spec.input.value.channels;
      if (channels !== own) rules.unshift(`the input has ${own} ${own === 1 ? 'channel' : 'channels'}`);
      return { quantity: { type: 'boolean', value }, how: () => rules.join('; ') };
    }
    if (name === 'min' || name === 'max') return this.plain(node);
    const { span } = node.callee;
    const extras = suggestionFor(name, span, [...functionNames, 'min', 'max']);
    return this.reporter.report('unknown-name', span, { what: 'function', name }, extras);
  }

  private onlyArgument(args: readonly Argument[], callee: string, node: Expression): Argument | undefined {
    const [first, second] = args;
    if (!first) {
      const what = callee === 'admissible' ? 'a size' : 'a stage';
      return this.reporter.report('missing-argument', node.span, { callee, what });
    }
    if (second) return this.reporter.report('too-many-arguments', second.span, { callee, limit: 1 });
    return first;
  }

  /** A written value (a number, a length, a product), or arithmetic with facts. */
  private plain(node: Expression): Side | undefined {
    if ((node.kind === 'chain' || node.kind === 'negation') && this.isFact(node))
      return this.arithmetic(node);
    const value = evaluate(node, this.spec.scope, this.reporter);
    if (!value) return undefined;
    if (value.type === 'boolean')
      return { quantity: { type: 'boolean', value: value.value }, how: undefined };
    const numbers = value.type === 'number' ? [value] : value.type === 'dims' ? value.sizes : undefined;
    if (!numbers) {
      return this.reporter.report('wrong-kind', value.span, {
        what: 'an expectation',
        expected: 'a stage, a count or a number',
        found: valueText(value),
      });
    }
    const isLength = (unit: string | undefined) => unit === 'um' || unit === 'mm';
    const length = isLength(numbers[0]?.unit);
    const other = numbers.find((one) => isLength(one.unit) !== length);
    if (other) {
      return this.reporter.report('unit-mismatch', value.span, {
        a: numbers[0]?.unit ?? 'no unit',
        b: other.unit ?? 'no unit',
      });
    }
    const values = numbers.map((one) => (one.unit === 'mm' ? one.value * 1000 : one.value));
    return { quantity: { type: 'numbers', values, length }, how: undefined };
  }

  private isFact(node: Expression): boolean {
    switch (node.kind) {
      case 'group':
        return this.isFact(node.inner);
      case 'negation':
        return this.isFact(node.operand);
      case 'chain':
        return node.operands.some((operand) => this.isFact(operand));
      case 'index':
      case 'member':
        return true;
      case 'name':
        return plainNames.some((name) => name === node.name);
      case 'call':
        return functionNames.some((name) => name === node.callee.name);
      default:
        return false;
    }
  }

  /** Evaluates `params / 2`: replaces each fact by its number, then evaluates the arithmetic. */
  private arithmetic(node: Expression): Side | undefined {
    const plain = this.withNumbers(node);
    const value = plain && evaluateNumber(plain, this.spec.scope, this.reporter);
    return value && { quantity: countQuantity(value.value), how: undefined };
  }

  /** Replaces the facts of an expression by their numbers. Reports a fact that is more than one number. */
  private withNumbers(node: Expression): Expression | undefined {
    if (!this.isFact(node)) return node;
    switch (node.kind) {
      case 'group': {
        const inner = this.withNumbers(node.inner);
        return inner && { ...node, inner };
      }
      case 'negation': {
        const operand = this.withNumbers(node.operand);
        return operand && { ...node, operand };
      }
      case 'chain': {
        const operands = node.operands.map((operand) => this.withNumbers(operand));
        const whole = operands.filter((operand) => operand !== undefined);
        return whole.length === operands.length ? { ...node, operands: whole } : undefined;
      }
      default: {
        const side = this.side(node);
        if (!side) return undefined;
        const values = side.quantity.type === 'numbers' ? side.quantity.values : [];
        const [value] = values;
        if (value !== undefined && values.every((one) => one === value)) {
          return { kind: 'number', value, span: node.span };
        }
        const found = quantityText(side.quantity);
        return this.reporter.report('wrong-kind', node.span, {
          what: 'arithmetic',
          expected: 'one number',
          found,
        });
      }
    }
  }

  private lengths(positions: readonly number[]): Side {
    const spacing = this.spec.spacing?.value;
    const quantity = { type: 'numbers', values: positions, length: false } as const;
    const sizes = positions.join(' x ');
    const input = this.facts.spatial(0).join(' x ');
    const output = this.facts.spatial(this.facts.output).join(' x ');
    return {
      quantity,
      how: () => `the input ${input} minus the output ${output} is ${sizes}${spacing ? ' positions' : ''}`,
    };
  }

  /** Converts positions to lengths by the network's spacing; undefined if it has none. */
  inLengths(side: Side): Side | undefined {
    const spacing = this.spec.spacing?.value;
    if (!spacing || side.quantity.type !== 'numbers' || side.quantity.length) return undefined;
    const { values } = side.quantity;
    const all = spacing.map((_, axis) => (values.length === 1 ? values[0] : values[axis]) ?? 0);
    const lengths = all.map((value, axis) => {
      const size = spacing[axis];
      return value * (size?.value ?? 0) * (size?.unit === 'mm' ? 1000 : 1);
    });
    return { ...side, quantity: { type: 'numbers', values: lengths, length: true } };
  }

  private stageNamed(node: Expression): Side | undefined {
    const name = this.stageName(node);
    return name === undefined ? undefined : this.stage(name, node);
  }

  /** The written name of a stage with its indices evaluated; undefined after an error. */
  private stageName(node: Expression): string | undefined {
    if (node.kind === 'index') {
      const indices = node.indices.map(
        (index) => evaluateNumber(index, this.spec.scope, this.reporter)?.value,
      );
      if (indices.includes(undefined)) return undefined;
      return `${node.target.name}[${indices.join(',')}]`;
    }
    return node.kind === 'name' ? node.name : node.span.file.text.slice(node.span.start, node.span.end);
  }

  private stage(name: string, node: Expression): Side | undefined {
    const value = this.facts.stage(name);
    const found = value === undefined ? undefined : this.facts.graph.nodes[value];
    if (!found || value === undefined) return this.unknownStage(name, node);
    const spatial = this.facts.spatial(value);
    return {
      quantity: { type: 'map', values: [found.channels, ...spatial] },
      how: () => this.wayTo(name),
      stage: name,
    };
  }

  /** @param known the stages that have the `member` asked for; all stages if left out */
  private unknownStage(name: string, node: Expression, known?: readonly StagePath[], member = ''): undefined {
    const stage = `${name}${member}`;
    const paths = known ?? this.facts.graph.stages.map(({ path }) => path);
    const facts = [...plainNames, ...functionNames].filter((one) => one !== stage);
    const names = [...paths.map(({ text }) => `${text}${member}`), ...(known ? [] : facts)];
    const isRelative = ({ level, stage: own }: StagePath) =>
      level !== undefined && (stage === own || stage.startsWith(`${own}[`));
    const family = paths.filter(isRelative).map(({ text }) => `${text}${member}`);
    const below =
      stage === `encoder[${this.spec.depth.value + 1}]` ? '; the level below is `bottleneck`' : '';
    const help =
      family.length > 0
        ? `there are ${family
            .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
            .map((one) => `\`${one}\``)
            .join(', ')}${below}`
        : suggestionFor(stage, node.span, names, 'the network has no skips').help;
    return this.reporter.report('unknown-stage', node.span, { stage: `\`${stage}\`` }, { help });
  }

  /** The sizes of the last stages up to the given one. */
  private wayTo(name: string): string {
    const { stages } = this.facts.graph;
    const index = stages.findIndex(({ path }) => path.text === name);
    const way = stages.slice(Math.max(0, index - 5), index + 1);
    const texts = way.map((stage) => `${stage.path} ${this.facts.spatial(stage.value).join(' x ')}`);
    return `${index > 5 ? '... -> ' : ''}${texts.join(' -> ')}`;
  }

  private largestStages(): string {
    const sums = new Map<string, number>();
    for (const node of this.facts.graph.nodes) {
      const stage = node.path.root.text;
      sums.set(stage, (sums.get(stage) ?? 0) + nodeParameters(node));
    }
    const largest = [...sums].sort(([, a], [, b]) => b - a).slice(0, 4);
    return `the largest stages are ${largest.map(([stage, sum]) => `${stage} ${numberText(sum)}`).join(', ')}`;
  }
}
