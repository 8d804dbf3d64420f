import type { NetworkSpec } from '../../language/resolve/network-spec.js';
import { type SpecField, settingFields } from '../../language/resolve/spec-fields.js';
import { alignedText } from './aligned-text.js';
import { placeText } from './print-place.js';

/** A line of the text. */
interface Row {
  readonly path: string;
  readonly name: string;
  readonly text: string;
  /** Where the value is written. */
  readonly place: string;
}

/**
 * A resolved network as text, for people who debug the compiler or a spec: a line for each setting of each level, with
 * its value and the place in the text that sets it. A setting that is the same at every level takes one line. Then come
 * the blocks and params of the user that the settings use. The same network always gives the same text.
 */
export function printSpec(spec: NetworkSpec): string {
  const rows = settingFields(spec).map(({ path, name, text, source }): Row => {
    return { path, name, text, place: placeOf(source, spec) };
  });
  const lines = collapsed(rows).map(({ path, text, place }) => [path, text, place]);
  const title = `network ${spec.name}, declared at ${placeText(spec.nameSpan)}`;
  return `${title}\n\n${alignedText([['setting', 'value', 'set by'], ...lines])}\n`;
}

/** Rows that are the same for every level as one row, under the name of the setting. */
function collapsed(rows: readonly Row[]): readonly Row[] {
  const levels = new Map<string, Row[]>();
  for (const row of rows) levels.set(row.name, [...(levels.get(row.name) ?? []), row]);
  return [...levels].flatMap(([name, all]) => {
    const [first] = all;
    const isSame = all.every(({ text, place }) => text === first?.text && place === first.place);
    return first && isSame ? [{ ...first, path: name }] : all;
  });
}

function placeOf(source: SpecField['source'], spec: NetworkSpec): string {
  if ('kind' in source) return placeText(source.name.span);
  // An input from outside keeps the span of the declared input, for messages.
  const outside = source === spec.input ? spec.input.value.spans[0]?.file : undefined;
  if (outside && outside !== source.span.file) return outside.path;
  switch (source.origin) {
    case 'written':
      return placeText(source.span);
    case 'inherited':
      return `${placeText(source.span)}, inherited from ${source.network}`;
    case 'default':
      return 'default';
    default:
      return source.origin satisfies never;
  }
}
