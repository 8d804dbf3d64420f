import { type AstNode, children } from '../../../grammar/ast.js';
import { isStandard, type Located, type Module, type Named } from '../modules/modules.js';
import type { LevelSpec, NetworkSpec, ResolvedBlock, Setting } from './network-spec.js';

/**
 * Every setting of a network as text, by path: `classes`, level by level `skip[4]`, and the text of each block and
 * param that they come to (`block Own`, `param width`). Two networks with equal fields are built alike.
 */
export function specFields(spec: NetworkSpec): Map<string, string> {
  const fields = new Map<string, string>();
  const { channels, spatial } = spec.input.value;
  fields.set('input', [channels, ...spatial].join(' x '));
  fields.set('classes', String(spec.classes.value));
  fields.set('depth', String(spec.depth.value));
  fields.set('doubling', spec.doubling.value.kind);
  fields.set('head', spec.head.value.kind);
  fields.set('deep_supervision', settingText(spec.deepSupervision.value));
  if (spec.spacing) fields.set('spacing', spec.spacing.value.map((s) => `${s.value}${s.unit}`).join(' x '));
  const all: readonly LevelSpec[] = [...spec.levels, spec.bottleneck];
  const perLevel: [string, readonly (Setting<unknown> | undefined)[]][] = [
    ['channels', all.map((level) => level.channels)],
    ['repeat', all.map((level) => level.repeat)],
    ['kernel', all.map((level) => level.kernel)],
    ['padding', all.map((level) => level.padding)],
    ['norm', all.map((level) => level.norm)],
    ['activation', all.map((level) => level.activation)],
    ['bias', all.map((level) => level.bias)],
    ['dropout', all.map((level) => level.dropout)],
    ['init', all.map((level) => level.init)],
    ['decoder_channels', spec.levels.map((level) => level.decoderChannels)],
    ['stride', spec.levels.map((level) => level.stride)],
    ['skip', spec.levels.map((level) => level.skip)],
    ['crop', spec.levels.map((level) => level.crop)],
  ];
  for (const [name, settings] of perLevel) {
    addLevels(
      fields,
      name,
      settings.map((setting) => settingText(setting?.value)),
      spec.depth.value,
    );
  }
  addLevels(
    fields,
    'block',
    all.map((level) => blockText(level.block.value)),
    spec.depth.value,
  );
  addLevels(
    fields,
    'decoder_block',
    spec.levels.map((level) => blockText(level.decoderBlock.value)),
    spec.depth.value,
  );
  for (const [name, settings] of [
    ['pool', spec.levels.map((level) => level.pool)],
    ['up', spec.levels.map((level) => level.up)],
  ] as const) {
    const texts = settings.map(({ value }) =>
      value.kind === 'block' ? blockText(value.block) : settingText(value),
    );
    addLevels(fields, name, texts, spec.depth.value);
  }
  for (const [name, setting] of blocksOfNetwork(spec)) fields.set(name, blockText(setting.value));
  addDeclarations(fields, spec);
  return fields;
}

function addLevels(fields: Map<string, string>, name: string, texts: readonly string[], depth: number): void {
  for (const [i, text] of texts.entries()) fields.set(`${name}[${i < depth ? i + 1 : 'bottleneck'}]`, text);
}

/** The blocks that are used, also by other blocks, and the params that these and their arguments mention. */
function addDeclarations(fields: Map<string, string>, spec: NetworkSpec): void {
  const seen = new Set<Named>();
  const follow = (node: AstNode, module: Module): void => {
    const name = node.kind === 'name' ? node.name : node.kind === 'call' ? node.callee.name : undefined;
    const located = name === undefined ? undefined : module.names.get(name);
    if (located) add(located);
    for (const child of children(node)) follow(child, module);
  };
  const add = ({ declaration, module }: Located): void => {
    if ((declaration.kind !== 'block' && declaration.kind !== 'param') || seen.has(declaration)) return;
    seen.add(declaration);
    if (!isStandard(module.file)) {
      const { file, start, end } = declaration.span;
      const text = file.text.slice(start, end).replace(/\s+/g, ' ');
      fields.set(`${declaration.kind} ${declaration.name.name}`, text);
    }
    for (const child of children(declaration)) follow(child, module);
  };
  const ways = spec.levels.flatMap(({ pool, up }) => [pool.value, up.value]);
  for (const { block, args, module } of [
    ...[spec.bottleneck, ...spec.levels].map((level) => level.block.value),
    ...spec.levels.map((level) => level.decoderBlock.value),
    ...ways.flatMap((way) => (way.kind === 'block' ? [way.block] : [])),
    ...blocksOfNetwork(spec).map(([, setting]) => setting.value),
  ]) {
    add(block);
    for (const argument of args.values()) follow(argument, module);
  }
}

/** The blocks that hold for the whole network, by the names of their attributes. */
function blocksOfNetwork(spec: NetworkSpec): readonly (readonly [string, Setting<ResolvedBlock>])[] {
  const settings = [
    ['stem', spec.stem],
    ['time', spec.time],
    ['head_block', spec.headBlock],
  ] as const;
  return settings.flatMap(([name, setting]) => (setting ? [[name, setting] as const] : []));
}

function blockText(block: ResolvedBlock): string {
  const args = [...block.args].map(([name, { value }]) => {
    const { file, start, end } = value.span;
    return `${name}: ${file.text.slice(start, end).replace(/\s+/g, ' ')}`;
  });
  const { name } = block.block.declaration.name;
  return args.length === 0 ? name : `${name}(${args.join(', ')})`;
}

/** A setting's value as it could be written; options that were left out stay out. */
function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.map(settingText).join('x');
  if (typeof value !== 'object' || value === null) return String(value);
  const { kind, ...options } = value as Record<string, unknown>; // a non-null object has string keys
  const texts = Object.entries(options)
    .filter(([, option]) => option !== undefined)
    .map(([name, option]) => `${name}: ${settingText(option)}`);
  return texts.length === 0 ? String(kind) : `${String(kind)}(${texts.join(', ')})`;
}
