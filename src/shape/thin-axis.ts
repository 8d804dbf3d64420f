import { listText } from '../diagnostics/wording.js';
import { axisName } from '../ir/graph.js';
import type { NetworkSpec, Setting } from '../language/resolve/network-spec.js';
import { settingText } from '../language/resolve/spec-fields.js';

/** An attribute at the levels that it holds for. */
interface LevelSetting {
  readonly level: number | 'bottleneck';
  readonly setting: Setting<unknown>;
}

/**
 * How a network keeps an axis of size 1, for the help of a diagnostic: with kernels, windows and strides of 1 along it, in
 * `kernel` and `stride` and in a `pool` and an `up` that write their own. Undefined if the axis has another size, or if all
 * axes have size 1.
 *
 * @param axis the axis of size 1
 */
export function thinAxisHelp(
  { levels, bottleneck, rank }: NetworkSpec,
  input: readonly number[],
  axis: number,
): string | undefined {
  if (input[axis] !== 1 || input.every((size) => size === 1)) return undefined;
  const keep = `to keep ${axisName(axis, rank)} = 1`;
  const at = <T extends { readonly level: number }>(level: T, setting: Setting<unknown>) => ({
    ...{ level: level.level, setting },
  });
  const assignments = [
    ...changed(
      'kernel',
      [...levels.map((one) => at(one, one.kernel)), { level: 'bottleneck', setting: bottleneck.kernel }],
      input,
    ),
    ...changed(
      'stride',
      levels.map((one) => at(one, one.stride)),
      input,
    ),
    ...changed(
      'pool',
      levels.map((one) => at(one, one.pool)),
      input,
    ),
    ...changed(
      'up',
      levels.map((one) => at(one, one.up)),
      input,
    ),
  ].map((text) => `\`${text}\``);
  if (assignments.length === 0) {
    // A block, the stem or the head writes it.
    return `${keep}, give this op a kernel and a stride of 1 along ${axisName(axis, rank)}`;
  }
  return `${keep}, set ${listText(assignments, 'and')}`;
}

/** The assignments that give an attribute a 1 along the axes of size 1: one for all levels, or one for each that has another value. */
function changed(
  attribute: 'kernel' | 'stride' | 'pool' | 'up',
  settings: readonly LevelSetting[],
  input: readonly number[],
): readonly string[] {
  const rows = settings.map(({ level, setting }) => {
    const { value, span } = setting;
    const before = settingText(attribute, value);
    const text = settingText(attribute, withThinAxes(value, input));
    return { level, text, isChanged: text !== before, place: `${span.file.path}:${span.start}` };
  });
  const [first] = rows;
  if (first === undefined || rows.every(({ isChanged }) => !isChanged)) return [];
  // A value that is written for one level takes precedence over that of all levels.
  const isOne = rows.every(({ text, place }) => text === first.text && place === first.place);
  if (isOne) return [`${attribute} = ${first.text}`];
  return rows.flatMap(({ level, text, isChanged }) =>
    isChanged ? [`${attribute}[${level}] = ${text}`] : [],
  );
}

/** A value with 1 in each list of one number an axis, at the axes of size 1; of a choice, in the options that are written. */
function withThinAxes(value: unknown, input: readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((one: unknown, i) => (input[i] === 1 ? 1 : one));
  if (typeof value !== 'object' || value === null || ('kind' in value && value.kind === 'block'))
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, option]) => [
      name,
      Array.isArray(option) ? withThinAxes(option, input) : option,
    ]),
  );
}
