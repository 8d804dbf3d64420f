import type { PostprocessingProblem } from '../../diagnostics/codes/postprocessing.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import {
  DEFAULT_CONNECTIVITY,
  type LengthName,
  MICROMETRES,
  type ObjectSize,
  type PostprocessingScope,
  type PostprocessingStep,
  type StepName,
} from './step.js';

const STEP_NAMES = Object.keys(DEFAULT_CONNECTIVITY);

/**
 * Reads steps as people write them: `[class N: | foreground: ]NAME[: VALUE][, connectivity N]`.
 *
 * `largest`, `largest: 2`, `fill-holes`, `min-size: 30`, `min-size: 0.5 mm3`, `class 1: largest`, `foreground: largest`,
 * `min-size: 30, connectivity 1`. Fails with invalid-postprocessing at the first text that is no step.
 */
export function parsePostprocessing(texts: readonly string[]): readonly PostprocessingStep[] | Failure {
  const steps: PostprocessingStep[] = [];
  for (const text of texts) {
    const step = parseStep(text);
    if ('case' in step) return failure('invalid-postprocessing', { text, problem: step });
    steps.push(step);
  }
  return steps;
}

/** The shortest text that reads as this step. */
export function postprocessingText(step: PostprocessingStep): string {
  const { scope, connectivity } = step;
  const where =
    typeof scope === 'object' ? `class ${scope.label}: ` : scope === 'foreground' ? 'foreground: ' : '';
  const value =
    step.step === 'min-size'
      ? `: ${sizeText(step.size)}`
      : step.step === 'largest' && step.count > 1
        ? `: ${step.count}`
        : '';
  const near = connectivity === DEFAULT_CONNECTIVITY[step.step] ? '' : `, connectivity ${connectivity}`;
  return `${where}${step.step}${value}${near}`;
}

function sizeText(size: ObjectSize): string {
  return size.unit === 'px' ? `${size.value}` : `${size.value} ${size.unit}${size.power}`;
}

function isStepName(name: string): name is StepName {
  return STEP_NAMES.includes(name);
}

function parseStep(text: string): PostprocessingStep | PostprocessingProblem {
  const [head = '', ...tail] = text.split(',').map((part) => part.trim());
  const parts = head.split(':').map((part) => part.trim());
  const scope = parseScope(parts[0] ?? '');
  if (typeof scope === 'object' && 'case' in scope) return scope;
  if (scope !== undefined) parts.shift();
  const [name = '', value, ...more] = parts;
  if (!isStepName(name))
    return { case: 'step', name, names: STEP_NAMES, nearest: didYouMean(name, STEP_NAMES) };
  if (more.length > 0) return { case: 'value', step: name, value: [value, ...more].join(':') };
  const connectivity = parseConnectivity(tail);
  if (typeof connectivity === 'object') return connectivity;
  const common = {
    scope: scope ?? 'each class',
    connectivity: connectivity ?? DEFAULT_CONNECTIVITY[name],
  } as const;
  switch (name) {
    case 'largest': {
      const count = Number(value ?? 1);
      if (value === '' || !Number.isInteger(count) || count < 1)
        return { case: 'value', step: name, value: value ?? '' };
      return { step: name, ...common, count };
    }
    case 'fill-holes': {
      if (value !== undefined) return { case: 'value', step: name, value };
      const { scope: place } = common;
      return place === 'foreground' ? { case: 'scope', step: name } : { step: name, ...common, scope: place };
    }
    case 'min-size': {
      const size = parseSize(value ?? '');
      return size ? { step: name, ...common, size } : { case: 'value', step: name, value: value ?? '' };
    }
  }
}

/** Undefined if the text is no scope, but perhaps the name of a step. */
function parseScope(text: string): PostprocessingScope | PostprocessingProblem | undefined {
  if (text === 'foreground') return text;
  const label = /^class\b\s*(.*)$/.exec(text)?.[1];
  if (label === undefined) return undefined;
  return /^[1-9]\d*$/.test(label) ? { label: Number(label) } : { case: 'class', value: label };
}

/** Undefined if there is none. */
function parseConnectivity(tail: readonly string[]): number | PostprocessingProblem | undefined {
  if (tail.length === 0) return undefined;
  const number = /^connectivity\s+([1-9]\d*)$/.exec(tail.join(', '))?.[1];
  return number === undefined ? { case: 'option', value: tail.join(', ') } : Number(number);
}

const SIZE = new RegExp(
  `^(\\d+(?:\\.\\d*)?(?:e[-+]?\\d+)?|\\.\\d+)\\s*(?:(px)|(${Object.keys(MICROMETRES).join('|')}|µm|μm)\\s*\\^?\\s*([23²³]))?$`,
  'i',
);

/** `30`, `30 px`, `1.5 um2`, `1.5 µm²`, `1e-3 mm^3`; undefined if it is no size above 0. */
function parseSize(text: string): ObjectSize | undefined {
  const [, digits, , length, power] = SIZE.exec(text) ?? [];
  const value = Number(digits);
  if (digits === undefined || !(value > 0)) return undefined;
  if (length === undefined) return { value, unit: 'px' };
  const name = length.toLowerCase().replace(/^[µμ]/, 'u');
  // The expression has these names only.
  return { value, unit: name as LengthName, power: power === '2' || power === '²' ? 2 : 3 };
}
