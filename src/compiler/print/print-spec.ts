import type { NetworkSpec, Setting } from '../../language/resolve/network-spec.js';
import { specFields } from '../../language/resolve/spec-fields.js';
import { alignedText } from './aligned-text.js';
import { placeText } from './print-place.js';

/** A line of the text: a setting at a level or for the whole network, or a declaration. */
interface Row {
  readonly path: string;
  /** The path without its level. */
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/**
 * A resolved network as text, for people who debug the compiler or a spec: a line for each setting of each level, with
 * its value and the place in the text that sets it. A setting that is the same at every level takes one line. After
 * them come the blocks and params of the user that the settings refer to. The same network always gives the same text.
 */
export function printSpec(spec: NetworkSpec): string {
  const rows = [...specFields(spec)].map(([path, value]): Row => {
    const name = path.replace(/\[.*$/, '');
    return { path, name, value, origin: originOf(spec, path) };
  });
  const lines = collapsed(rows).map(({ path, value, origin }) => [path, value, origin]);
  const title = `network ${spec.name}, declared at ${placeText(spec.nameSpan)}`;
  return `${title}\n\n${alignedText([['setting', 'value', 'set by'], ...lines])}\n`;
}

/** Rows that say the same for every level as one row, under the name of the setting. */
function collapsed(rows: readonly Row[]): readonly Row[] {
  const first = new Map<string, Row>();
  for (const row of rows) if (!first.has(row.name)) first.set(row.name, row);
  const same = (row: Row) =>
    rows.every((one) => one.name !== row.name || (one.value === row.value && one.origin === row.origin));
  return rows.flatMap((row) => {
    if (!same(row)) return [row];
    return first.get(row.name) === row ? [{ ...row, path: row.name }] : [];
  });
}

/** Where a setting, or a declaration such as `block Own`, is written. */
function originOf(spec: NetworkSpec, path: string): string {
  const [word = '', declared] = path.split(' ');
  if (declared !== undefined) {
    const declaration = spec.module.names.get(declared)?.declaration;
    return declaration?.kind === word ? placeText(declaration.name.span) : '';
  }
  const setting = settingAt(spec, path);
  if (!setting) return '';
  // An input from outside takes the place of the declared one, whose line it keeps for messages.
  const written = setting === spec.input ? spec.input.value.spans[0]?.file : undefined;
  if (written && written !== setting.span.file) return written.path;
  switch (setting.origin) {
    case 'written':
      return placeText(setting.span);
    case 'inherited':
      return `${placeText(setting.span)}, inherited from ${setting.network}`;
    case 'default':
      return 'default';
    default:
      return setting.origin satisfies never;
  }
}

/** The setting under a path of specFields: `classes`, `skip[4]`, `kernel[bottleneck]`. */
function settingAt(spec: NetworkSpec, path: string): Setting<unknown> | undefined {
  const [, name = '', level] = /^(\w+)(?:\[(\w+)\])?$/.exec(path) ?? [];
  const field = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const owner: object | undefined =
    level === undefined ? spec : level === 'bottleneck' ? spec.bottleneck : spec.levels[Number(level) - 1];
  const value: unknown = owner && Object.entries(owner).find(([key]) => key === field)?.[1];
  return isSetting(value) ? value : undefined;
}

function isSetting(value: unknown): value is Setting<unknown> {
  return typeof value === 'object' && value !== null && 'origin' in value && 'network' in value;
}
