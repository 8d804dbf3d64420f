import type { BlockDeclaration, Call, Expression } from '../../../grammar/ast.js';
import type { Note, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import type { Origin, ValueId } from '../../ir/graph.js';
import { evaluate } from '../../language/expressions/evaluate.js';
import { scopeOf } from '../../language/expressions/scope.js';
import type { Scope, Value } from '../../language/expressions/values.js';
import { useNotes } from '../../language/modules/library-diagnostics.js';
import type { Module } from '../../language/modules/modules.js';
import { CHANNELS_FUNCTION, joinFunctions, TIME_NAME } from '../../language/schema/layers.js';
import { integer } from '../../language/schema/number-schemas.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';
import type { BlockEnvironment } from './environment.js';

/** A use of a block: where it stands, and what it is applied to. */
export interface FrameRequest {
  readonly block: BlockDeclaration;
  /** The module of the block: its names mean what they mean there. */
  readonly module: Module;
  readonly input: ValueId;
  readonly layers: Layers;
  readonly environment: BlockEnvironment;
  /** The uses of blocks that led here, innermost first. */
  readonly uses: Origin['uses'];
}

/** Expands an expression of a frame to a feature map. */
export type ExpandMap = (frame: Frame, node: Expression) => Maybe;

/** The names of one use of a block: its parameters and the values that it has bound so far. */
export class Frame {
  readonly block: BlockDeclaration;
  readonly module: Module;
  readonly input: ValueId;
  readonly layers: Layers;
  readonly environment: BlockEnvironment;
  readonly uses: Origin['uses'];
  /** What the names of an expression in the block mean. */
  readonly scope: Scope;
  private readonly maps = new Map<string, Maybe>();
  private readonly scalars = new Map<string, Value>();

  constructor(request: FrameRequest, expandMap: ExpandMap) {
    const { block, module, input, layers, environment, uses } = request;
    this.block = block;
    this.module = module;
    this.input = input;
    this.layers = layers;
    this.environment = environment;
    this.uses = uses;
    const outer = scopeOf(environment.values, environment.paramsOf(module));
    this.scope = withChannels(scopeOf(this.scalars, outer), this, expandMap);
  }

  get reporter(): Reporter {
    return this.layers.elaboration.reporter;
  }

  /** Where the block is used. */
  get span(): Span {
    return this.uses[0]?.span ?? this.block.name.span;
  }

  bind(name: string, value: Value): void {
    this.scalars.set(name, value);
  }

  bindMap(name: string, map: Maybe): void {
    this.maps.set(name, map);
  }

  origin(span: Span): Origin {
    return { span, uses: this.uses };
  }

  /** The uses of blocks that led here, as notes. */
  get notes(): readonly Note[] {
    return useNotes(this);
  }

  evaluate(node: Expression): Value | undefined {
    return evaluate(node, this.scope, this.reporter);
  }

  /** The value of an expression that must be a whole number in a range. */
  integer(node: Expression, least: number, most: number, what: string): number | undefined {
    const value = this.evaluate(node);
    return value && integer(least, most).read(value, { reporter: this.reporter, rank: 2, what });
  }

  /** Whether an expression stands for a feature map, not for a number or a word. */
  isMap(node: Expression): boolean {
    switch (node.kind) {
      case 'pipe':
        return true;
      case 'name':
        return this.isMapName(node.name);
      case 'call':
        return joinFunctions.includes(node.callee.name);
      case 'group':
        return this.isMap(node.inner);
      case 'chain':
        return node.operands.some((operand) => this.isMap(operand));
      default:
        return false;
    }
  }

  /** Whether a name stands for a feature map. */
  isMapName(name: string): boolean {
    return name === 'input' || this.maps.has(name) || this.isTime(name);
  }

  /** The feature map of such a name. */
  mapNamed(name: string, span: Span): Maybe {
    if (name === 'input') return this.input;
    return this.maps.has(name) ? this.maps.get(name) : this.time(span);
  }

  /** Whether a name is the time step's embedding, not a parameter or a value of the block. */
  private isTime(name: string): boolean {
    return name === TIME_NAME && this.scope.lookup(name) === undefined;
  }

  private time(span: Span): Maybe {
    const { time, builder } = this.layers.elaboration;
    if (typeof time === 'number') return time;
    const { notes } = this;
    if (this.layers.path.stage === TIME_NAME) {
      const args = { problem: 'time-uses-itself' } as const;
      const help = '`input` is the time step itself';
      return this.reporter.report('contradiction', span, args, { notes, help });
    }
    if (time === 'unknown') return undefined;
    return this.reporter.report(
      'missing-attribute',
      span,
      { attribute: TIME_NAME, network: builder.name },
      { notes, help: 'write `time = time_embedding`: this block uses the embedding of a time step' },
    );
  }
}

/** A scope with `channels(x)`: the channels of a map of the frame. */
export function withChannels(scope: Scope, frame: Frame, expandMap: ExpandMap): Scope {
  const channels = (call: Call, reporter: Reporter): Value | undefined => {
    const [argument] = call.args;
    if (!argument || call.args.length > 1) {
      const args = { callee: CHANNELS_FUNCTION, what: 'a feature map' };
      return reporter.report('missing-argument', call.span, args);
    }
    const map = expandMap(frame, argument.value);
    if (map === undefined) return undefined;
    return { type: 'number', value: frame.layers.elaboration.channels(map), span: call.span };
  };
  return {
    ...scope,
    call: (call, reporter) =>
      call.callee.name === CHANNELS_FUNCTION
        ? { value: channels(call, reporter) }
        : scope.call?.(call, reporter),
  };
}
