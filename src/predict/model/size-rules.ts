import { metadataKeys } from '../../compiler/metadata.js';
import type { Session, TensorInfo } from '../../runtime/engine.js';
import type { InputRule } from '../../runtime/inference/fit.js';

/** A value that `unet build` wrote into a model as JSON; undefined in models of other programs. */
export function metadataOf(
  { metadata }: Session,
  key: 'scale' | 'sizes' | 'margin' | 'input' | 'spacing' | 'channels' | 'classes',
): unknown {
  const text = metadata[metadataKeys[key]];
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The sizes that a model accepts, and its margin: from its shapes, and from the metadata that `unet build` wrote. */
export function sizeRules(
  session: Session,
  input: TensorInfo,
): { rules: readonly InputRule[]; margin: readonly number[] } {
  const spatial = input.shape.slice(2);
  const sizes = metadataOf(session, 'sizes');
  const context = metadataOf(session, 'margin');
  const output = session.outputs[0]?.shape.slice(2) ?? [];
  const rules = spatial.map((size, i): InputRule => {
    const axis = 'DHW'[3 - spatial.length + i] ?? '';
    if (typeof size === 'number') return { axis, fixed: size };
    const rule: unknown = Array.isArray(sizes) ? sizes[i] : undefined;
    const number = (key: string, otherwise: number) => {
      const value: unknown = typeof rule === 'object' && rule !== null ? Reflect.get(rule, key) : undefined;
      return typeof value === 'number' && Number.isInteger(value) ? value : otherwise;
    };
    // A model from another program with free sizes does not say which of them fit, so every size is tried.
    return {
      axis,
      step: Math.max(1, number('step', 1)),
      offset: number('offset', 0),
      minimum: Math.max(1, number('minimum', 1)),
    };
  });
  const margin = spatial.map((size, i) => {
    const known: unknown = Array.isArray(context) ? context[i] : undefined;
    const after = output[i];
    if (typeof size === 'number' && typeof after === 'number') return size - after;
    return typeof known === 'number' ? known : 0;
  });
  return { rules, margin };
}

/** The names of the channels by which the files of the training were told apart; undefined where nothing says them. */
export function trainedChannels(session: Session): readonly string[] | undefined {
  const names = metadataOf(session, 'channels');
  return Array.isArray(names) ? names.map(String) : undefined;
}

/** The names of the classes of the training, class 0 first; undefined where nothing says them. */
export function trainedClasses(session: Session): readonly string[] | undefined {
  const names = metadataOf(session, 'classes');
  return Array.isArray(names) ? names.map(String) : undefined;
}
