import type { LevelSpec, NetworkSpec, ResolvedBlock, Setting } from './network-spec.js';

/**
 * Every setting of a network as text, by path: `classes`, and level by level `skip[4]`. Two networks with equal
 * fields are built alike.
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
    ['pool', spec.levels.map((level) => level.pool)],
    ['up', spec.levels.map((level) => level.up)],
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
  return fields;
}

function addLevels(fields: Map<string, string>, name: string, texts: readonly string[], depth: number): void {
  for (const [i, text] of texts.entries()) fields.set(`${name}[${i < depth ? i + 1 : 'bottleneck'}]`, text);
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
