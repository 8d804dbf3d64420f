import type { Argument, BlockDeclaration, Expression } from '../../grammar/ast.js';
import type { Reporter } from '../diagnostics/diagnostic.js';
import { type Span, shortTextOf } from '../diagnostics/span.js';
import type { Origin, ValueId } from '../ir/graph.js';
import { evaluate } from '../language/expressions/evaluate.js';
import { scopeOf } from '../language/expressions/scope.js';
import type { Scope, SymbolValue, Value } from '../language/expressions/values.js';
import { moveToUser, useNotes } from '../language/modules/library-diagnostics.js';
import type { Module } from '../language/modules/modules.js';
import type { ResolvedBlock } from '../language/resolve/network-spec.js';
import { CHANNEL_LIMIT } from '../language/schema/attributes.js';
import {
  attentionParameters,
  CHANNELS_FUNCTION,
  joinFunctions,
  stageSchema,
  TIME_NAME,
} from '../language/schema/stages.js';
import { integer, matchArguments } from '../language/schema/value-schema.js';
import type { Maybe } from './context.js';
import { cropLike } from './crop-like.js';
import { attended, joinMaps } from './join-maps.js';
import type { Layers } from './layers.js';
import { applyLayer } from './stage-layers.js';

/** What every block of a level can use besides its parameters. */
export interface BlockEnvironment {
  readonly values: ReadonlyMap<string, Value>;
  /** The params of a module. */
  paramsOf(module: Module): Scope;
}

/** Blocks inside blocks, at most. */
const DEPTH_LIMIT = 50;

/** Expands a level's block: `channels` goes to its first parameter. */
export function expandBlock(
  use: ResolvedBlock,
  input: Maybe,
  channels: number,
  layers: Layers,
  environment: BlockEnvironment,
): Maybe {
  if (input === undefined) return undefined;
  const { declaration, module } = use.block;
  const outer = new Frame(declaration, module, input, layers, environment, [], 0);
  const scope = withChannels(scopeOf(environment.values, use.scope), outer);
  const first = declaration.parameters[0]?.name.name ?? '';
  const given = new Map<string, Value>([[first, { type: 'number', value: channels, span: use.span }]]);
  const uses = [{ block: declaration.name.name, span: use.span }];
  const frame = new Frame(declaration, module, input, layers, environment, uses, 1);
  return frame.run(use.args, scope, given, use.span);
}

/** `channels(x)` in a scope: the channels of a map of the frame. */
function withChannels(scope: Scope, frame: Frame): Scope {
  return {
    ...scope,
    call(call, reporter) {
      if (call.callee.name !== CHANNELS_FUNCTION) return scope.call?.(call, reporter);
      const [argument] = call.args;
      if (!argument || call.args.length > 1) {
        reporter.report('missing-argument', call.span, { callee: CHANNELS_FUNCTION, what: 'a feature map' });
        return { value: undefined };
      }
      const map = frame.map(argument.value);
      if (map === undefined) return { value: undefined };
      const value = frame.layers.elaboration.channels(map);
      return { value: { type: 'number', value, span: call.span } };
    },
  };
}

/** One use of a block: its parameters and the values bound so far. */
class Frame {
  private readonly maps = new Map<string, Maybe>();
  private readonly scalars = new Map<string, Value>();
  private readonly scope: Scope;
  private readonly reporter: Reporter;

  constructor(
    private readonly block: BlockDeclaration,
    private readonly module: Module,
    private readonly input: ValueId,
    readonly layers: Layers,
    private readonly environment: BlockEnvironment,
    readonly uses: Origin['uses'],
    private readonly depth: number,
  ) {
    this.reporter = layers.elaboration.reporter;
    const base = scopeOf(this.scalars, scopeOf(environment.values, environment.paramsOf(module)));
    this.scope = withChannels(base, this);
  }

  /** Binds the parameters and runs the block's statements; the value of its last line. */
  run(
    args: ReadonlyMap<string, Argument>,
    argumentScope: Scope,
    given: ReadonlyMap<string, Value>,
    useSpan: Span,
  ): Maybe {
    const before = this.reporter.diagnostics.length;
    const result = this.expand(args, argumentScope, given, useSpan);
    moveToUser(this.reporter, before, this.uses);
    return result;
  }

  private expand(
    args: ReadonlyMap<string, Argument>,
    argumentScope: Scope,
    given: ReadonlyMap<string, Value>,
    useSpan: Span,
  ): Maybe {
    for (const parameter of this.block.parameters) {
      const { name } = parameter.name;
      const argument = args.get(name);
      const value =
        given.get(name) ??
        (argument
          ? evaluate(argument.value, argumentScope, this.reporter)
          : parameter.fallback && evaluate(parameter.fallback, this.scope, this.reporter));
      if (value) this.scalars.set(name, value);
      else if (!argument && !parameter.fallback) {
        return this.reporter.report(
          'missing-argument',
          useSpan,
          { callee: this.block.name.name, what: `\`${name}\`` },
          {
            notes: [{ message: 'the parameter is declared here', span: parameter.span }],
          },
        );
      } else return undefined;
    }
    for (const { name, value } of this.block.bindings) {
      if (this.isMap(value)) this.maps.set(name.name, this.map(value));
      else {
        const scalar = evaluate(value, this.scope, this.reporter);
        if (!scalar) return undefined;
        this.scalars.set(name.name, scalar);
      }
    }
    return this.map(this.block.result);
  }

  private origin(span: Span): Origin {
    return { span, uses: this.uses };
  }

  /** Whether an expression stands for a feature map and not for a number or a word. */
  private isMap(node: Expression): boolean {
    switch (node.kind) {
      case 'pipe':
        return true;
      case 'name':
        return node.name === 'input' || this.maps.has(node.name) || this.isTime(node.name);
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

  /** The value of an expression that must be a feature map (N, C, ...spatial). */
  map(node: Expression): Maybe {
    switch (node.kind) {
      case 'missing':
        return undefined;
      case 'group':
        return this.map(node.inner);
      case 'name':
        if (node.name === 'input') return this.input;
        if (this.maps.has(node.name)) return this.maps.get(node.name);
        if (this.isTime(node.name)) return this.time(node.span);
        break;
      case 'pipe': {
        const [first, ...stages] = node.stages;
        let value = first && this.map(first);
        for (const stage of stages) value = this.stage(stage, value);
        return value;
      }
      case 'chain': {
        const kind = node.operators.every((o) => o === '+')
          ? 'add'
          : node.operators.every((o) => o === '*')
            ? 'mul'
            : undefined;
        if (!kind) break;
        const [first, ...rest] = node.operands.map((operand) => this.map(operand));
        let value = first;
        for (const next of rest) value = joinMaps(this.layers, kind, [value, next], this.origin(node.span));
        return value;
      }
      case 'call':
        if (node.callee.name === 'attention') return this.attention(node);
        if (node.callee.name !== 'concat') break;
        if (node.args.length < 2) {
          return this.reporter.report('missing-argument', node.span, {
            callee: 'concat',
            what: 'two feature maps',
          });
        }
        return joinMaps(
          this.layers,
          'concat',
          node.args.map((argument) => this.map(argument.value)),
          this.origin(node.span),
        );
      default:
        break;
    }
    const joins = node.kind === 'chain' && this.isMap(node);
    return this.reporter.report(
      'not-a-map',
      node.span,
      { found: shortTextOf(node.span) },
      {
        ...this.chain(),
        help: joins
          ? 'maps are joined by `+`, `*` or `concat(a, b)`'
          : 'a pipeline begins with `input` or with a name bound before',
      },
    );
  }

  /** Whether a name is that of the time step's embedding, and not of a parameter or a value of the block. */
  private isTime(name: string): boolean {
    return name === TIME_NAME && this.scope.lookup(name) === undefined;
  }

  private time(span: Span): Maybe {
    const { time, builder } = this.layers.elaboration;
    if (typeof time === 'number') return time;
    if (this.layers.path.stage === 'time') {
      const text = 'the block of `time` makes the embedding, and cannot use it';
      const help = '`input` is the time step itself';
      return this.reporter.report('contradiction', span, { text }, { ...this.chain(), help });
    }
    if (time === 'unknown') return undefined;
    return this.reporter.report(
      'missing-attribute',
      span,
      { attribute: TIME_NAME, network: builder.name },
      { ...this.chain(), help: 'write `time = time_embedding`: the block uses the embedding of a time step' },
    );
  }

  /** `attention(query, key, value, heads: n)`. */
  private attention(node: Expression & { kind: 'call' }): Maybe {
    const { reporter, layers } = this;
    const matched = matchArguments(node.args, attentionParameters, 'attention', reporter);
    if (!matched) return undefined;
    const maps: Maybe[] = [];
    for (const name of ['query', 'key', 'value'] as const) {
      const argument = matched.get(name);
      if (!argument) {
        const args = { callee: 'attention', what: 'three feature maps: query, key and value' };
        return reporter.report('missing-argument', node.span, args);
      }
      maps.push(this.map(argument.value));
    }
    const heads = this.heads(matched.get('heads'));
    const place = matched.get('heads')?.value.span ?? node.span;
    return heads === undefined ? undefined : attended(layers, maps, heads, place, this.origin(node.span));
  }

  private heads(argument: Argument | undefined): number | undefined {
    if (!argument) return 1;
    const value = evaluate(argument.value, this.scope, this.reporter);
    const context = { reporter: this.reporter, rank: 2, what: 'heads of attention' };
    return value && integer(1, CHANNEL_LIMIT).read(value, context);
  }

  /** The uses of blocks that led here, innermost first. */
  private chain() {
    return { notes: useNotes(this) };
  }

  /** What stands behind `->`, applied to a map. */
  private stage(node: Expression, input: Maybe): Maybe {
    if (input === undefined || !this.layers.elaboration.step(node.span)) return undefined;
    if (node.kind === 'group') return this.stage(node.inner, input);
    if (node.kind === 'pipe') {
      let value: Maybe = input;
      for (const one of node.stages) value = this.stage(one, value);
      return value;
    }
    if (node.kind !== 'name' && node.kind !== 'call') return undefined;
    const [name, args, nameSpan] =
      node.kind === 'call' ? [node.callee.name, node.args, node.callee.span] : [node.name, [], node.span];
    if (name === 'repeat') return this.repeat(node, args, input);
    if (name === 'crop_like') {
      const [like] = args;
      if (!like)
        return this.reporter.report('missing-argument', node.span, { callee: name, what: 'a feature map' });
      return cropLike(this.layers, input, this.map(like.value), this.origin(node.span));
    }
    const located = this.module.names.get(name);
    if (located?.declaration.kind === 'block')
      return this.call(located.declaration, located.module, args, input, node.span);
    const symbol: SymbolValue = {
      type: 'symbol',
      name,
      nameSpan,
      scope: this.scope,
      span: node.span,
      ...(node.kind === 'call' ? { args } : {}),
    };
    const context = { reporter: this.reporter, rank: this.layers.elaboration.builder.rank, what: 'stage' };
    const setting = stageSchema.read(symbol, context);
    return setting && applyLayer(this.layers, setting, input, this.origin(node.span));
  }

  private repeat(node: Expression, args: readonly Argument[], input: Maybe): Maybe {
    const [count, body] = args;
    if (!count || !body) {
      return this.reporter.report('missing-argument', node.span, {
        callee: 'repeat',
        what: count ? 'a pipeline behind the number' : 'a number and a pipeline',
      });
    }
    const value = evaluate(count.value, this.scope, this.reporter);
    const context = { reporter: this.reporter, rank: 2, what: 'n of repeat' };
    const times = value && integer(0, 100_000).read(value, context);
    let result = times === undefined ? undefined : input;
    for (let i = 0; i < (times ?? 0) && result !== undefined; i += 1) result = this.stage(body.value, result);
    return result;
  }

  private call(
    declaration: BlockDeclaration,
    module: Module,
    args: readonly Argument[],
    input: ValueId,
    span: Span,
  ): Maybe {
    const { name } = declaration.name;
    if (this.depth >= DEPTH_LIMIT || module.poisoned.has(name)) return undefined;
    const names = declaration.parameters.map((parameter) => parameter.name.name);
    const matched = matchArguments(args, names, name, this.reporter);
    if (!matched) return undefined;
    const path = this.layers.elaboration.builder.childPath(this.layers.path, name);
    const uses = [{ block: name, span }, ...this.uses];
    const frame = new Frame(
      declaration,
      module,
      input,
      this.layers.at(path),
      this.environment,
      uses,
      this.depth + 1,
    );
    return frame.run(matched, this.scope, new Map(), span);
  }
}
