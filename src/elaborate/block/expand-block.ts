import type { Argument, BlockDeclaration, Call, Expression } from '../../../grammar/ast.js';
import { type Span, shortTextOf } from '../../diagnostics/span.js';
import type { ValueId } from '../../ir/graph.js';
import { evaluate } from '../../language/expressions/evaluate.js';
import { scopeOf } from '../../language/expressions/scope.js';
import type { Scope, SymbolValue, Value } from '../../language/expressions/values.js';
import type { Located } from '../../language/modules/modules.js';
import type { ResolvedBlock } from '../../language/resolve/network-spec.js';
import { CHANNEL_LIMIT } from '../../language/schema/attributes.js';
import { attentionParameters, layerSchema } from '../../language/schema/layers.js';
import { matchArguments } from '../../language/schema/match-arguments.js';
import type { Maybe } from '../context.js';
import { cropLike } from '../crop-like.js';
import type { Layers } from '../layers.js';
import type { BlockEnvironment } from './environment.js';
import { Frame, withChannels } from './frame.js';
import { attended, joinMaps } from './join-maps.js';
import { applyLayer } from './stage-layers.js';

/** Blocks inside blocks, at most. */
const DEPTH_LIMIT = 50;
/** Repetitions of one pipeline, at most. */
const REPEAT_LIMIT = 100_000;

/** Expands a level's block: `channels` goes to its first parameter. */
export function expandBlock(
  use: ResolvedBlock,
  input: Maybe,
  channels: number,
  layers: Layers,
  environment: BlockEnvironment,
): Maybe {
  if (input === undefined) return undefined;
  const { declaration: block, module } = use.block;
  const request = { block, module, input, layers, environment };
  const outer = new Frame({ ...request, uses: [] }, expandMap);
  const argumentScope = withChannels(scopeOf(environment.values, use.scope), outer, expandMap);
  const first = block.parameters[0]?.name.name ?? '';
  const given = new Map<string, Value>([[first, { type: 'number', value: channels, span: use.span }]]);
  const frame = new Frame({ ...request, uses: [{ block: block.name.name, span: use.span }] }, expandMap);
  return expandUse(frame, use.args, argumentScope, given);
}

/**
 * Expands one use of a block: binds its parameters, then runs its lines. The value is that of its last line.
 *
 * @param given the parameters that the compiler sets
 */
function expandUse(
  frame: Frame,
  args: ReadonlyMap<string, Argument>,
  argumentScope: Scope,
  given: ReadonlyMap<string, Value>,
): Maybe {
  return frame.layers.elaboration.inBlock(frame.uses, () => {
    if (!bindParameters(frame, args, argumentScope, given) || !bindValues(frame)) return undefined;
    return expandMap(frame, frame.block.result);
  });
}

/** False after an error. */
function bindParameters(
  frame: Frame,
  args: ReadonlyMap<string, Argument>,
  argumentScope: Scope,
  given: ReadonlyMap<string, Value>,
): boolean {
  for (const { name, fallback, span } of frame.block.parameters) {
    const argument = args.get(name.name);
    const value =
      given.get(name.name) ??
      (argument
        ? evaluate(argument.value, argumentScope, frame.reporter)
        : fallback && frame.evaluate(fallback));
    if (value) {
      frame.bind(name.name, value);
      continue;
    }
    if (!argument && !fallback) {
      frame.reporter.report(
        'missing-argument',
        frame.span,
        { callee: frame.block.name.name, what: `\`${name.name}\`` },
        { notes: [{ message: 'the parameter is declared here', span }] },
      );
    }
    return false;
  }
  return true;
}

/** False after an error. */
function bindValues(frame: Frame): boolean {
  for (const { name, value } of frame.block.bindings) {
    if (frame.isMap(value)) {
      frame.bindMap(name.name, expandMap(frame, value));
      continue;
    }
    const scalar = frame.evaluate(value);
    if (!scalar) return false;
    frame.bind(name.name, scalar);
  }
  return true;
}

/** The value of an expression that must be a feature map (N, C, ...spatial). */
function expandMap(frame: Frame, node: Expression): Maybe {
  switch (node.kind) {
    case 'missing':
      return undefined;
    case 'group':
      return expandMap(frame, node.inner);
    case 'name':
      if (frame.isMapName(node.name)) return frame.mapNamed(node.name, node.span);
      break;
    case 'pipe': {
      const [first, ...stages] = node.parts;
      const start = first && expandMap(frame, first);
      return stages.reduce((value, stage) => expandStage(frame, stage, value), start);
    }
    case 'chain': {
      const kind = joinOf(node.operators);
      if (!kind) break;
      const [first, ...rest] = node.operands.map((operand) => expandMap(frame, operand));
      const { layers } = frame;
      const origin = frame.origin(node.span);
      return rest.reduce((value, next) => joinMaps(layers, kind, [value, next], origin), first);
    }
    case 'call':
      if (node.callee.name === 'attention') return expandAttention(frame, node);
      if (node.callee.name === 'concat') return expandConcat(frame, node);
      break;
    default:
      break;
  }
  const joins = node.kind === 'chain' && frame.isMap(node);
  return frame.reporter.report(
    'not-a-map',
    node.span,
    { found: shortTextOf(node.span) },
    {
      notes: frame.notes,
      help: joins
        ? 'join maps with `+`, `*` or `concat(a, b)`'
        : 'a pipeline begins with `input` or with a name that is bound before it',
    },
  );
}

function joinOf(operators: readonly string[]): 'add' | 'mul' | undefined {
  if (operators.every((operator) => operator === '+')) return 'add';
  return operators.every((operator) => operator === '*') ? 'mul' : undefined;
}

/** `concat(a, b, ...)`. */
function expandConcat(frame: Frame, node: Call): Maybe {
  if (node.args.length < 2) {
    return frame.reporter.report('missing-argument', node.span, {
      callee: 'concat',
      what: 'two feature maps',
    });
  }
  const maps = node.args.map((argument) => expandMap(frame, argument.value));
  return joinMaps(frame.layers, 'concat', maps, frame.origin(node.span));
}

/** `attention(query, key, value, heads: n)`. */
function expandAttention(frame: Frame, node: Call): Maybe {
  const matched = matchArguments(node.args, attentionParameters, 'attention', frame.reporter);
  if (!matched) return undefined;
  const maps: Maybe[] = [];
  for (const name of ['query', 'key', 'value'] as const) {
    const argument = matched.get(name);
    if (!argument) {
      const args = { callee: 'attention', what: 'three feature maps: query, key and value' };
      return frame.reporter.report('missing-argument', node.span, args);
    }
    maps.push(expandMap(frame, argument.value));
  }
  const written = matched.get('heads')?.value;
  const heads = written ? frame.integer(written, 1, CHANNEL_LIMIT, 'heads of attention') : 1;
  if (heads === undefined) return undefined;
  return attended(frame.layers, maps, heads, written?.span ?? node.span, frame.origin(node.span));
}

/** Applies what follows `->` to a map. */
function expandStage(frame: Frame, node: Expression, input: Maybe): Maybe {
  const { layers, reporter } = frame;
  if (input === undefined || !layers.elaboration.step(node.span)) return undefined;
  switch (node.kind) {
    case 'group':
      return expandStage(frame, node.inner, input);
    case 'pipe':
      return node.parts.reduce<Maybe>((value, one) => expandStage(frame, one, value), input);
    case 'name':
    case 'call':
      break;
    default:
      return undefined;
  }
  const isCall = node.kind === 'call';
  const { name, span: nameSpan } = isCall ? node.callee : node;
  const args = isCall ? node.args : [];
  if (name === 'repeat') return expandRepeat(frame, node, args, input);
  if (name === 'crop_like') {
    const [like] = args;
    if (!like) return reporter.report('missing-argument', node.span, { callee: name, what: 'a feature map' });
    return cropLike(layers, input, expandMap(frame, like.value), frame.origin(node.span));
  }
  const located = frame.module.names.get(name);
  if (located?.declaration.kind === 'block') {
    const { declaration, module } = located;
    return expandCall(frame, { declaration, module }, args, input, node.span);
  }
  const written = isCall ? { args } : {};
  const symbol: SymbolValue = {
    type: 'symbol',
    name,
    nameSpan,
    scope: frame.scope,
    span: node.span,
    ...written,
  };
  const context = { reporter, rank: layers.elaboration.builder.rank, what: 'layer' };
  const setting = layerSchema.read(symbol, context);
  return setting && applyLayer(layers, setting, input, frame.origin(node.span));
}

/** `repeat(n, pipeline)`: each repetition has weights of its own. */
function expandRepeat(frame: Frame, node: Expression, args: readonly Argument[], input: ValueId): Maybe {
  const [count, body] = args;
  if (!count || !body) {
    return frame.reporter.report('missing-argument', node.span, {
      callee: 'repeat',
      what: count ? 'a pipeline after the number' : 'a number and a pipeline',
    });
  }
  const times = frame.integer(count.value, 0, REPEAT_LIMIT, 'n of repeat');
  let result: Maybe = times === undefined ? undefined : input;
  for (let i = 0; i < (times ?? 0) && result !== undefined; i += 1) {
    result = expandStage(frame, body.value, result);
  }
  return result;
}

/** A block in a block. */
function expandCall(
  frame: Frame,
  { declaration: block, module }: Located<BlockDeclaration>,
  args: readonly Argument[],
  input: ValueId,
  span: Span,
): Maybe {
  const { name } = block.name;
  if (frame.uses.length >= DEPTH_LIMIT || module.poisoned.has(name)) return undefined;
  const names = block.parameters.map((parameter) => parameter.name.name);
  const matched = matchArguments(args, names, name, frame.reporter);
  if (!matched) return undefined;
  const { elaboration, path } = frame.layers;
  const layers = frame.layers.at(elaboration.builder.childPath(path, name));
  const uses = [{ block: name, span }, ...frame.uses];
  const { environment } = frame;
  const inner = new Frame({ block, module, input, layers, environment, uses }, expandMap);
  return expandUse(inner, matched, frame.scope, new Map());
}
