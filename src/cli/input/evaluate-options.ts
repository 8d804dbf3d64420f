import { Failure, failure } from '../../diagnostics/failure.js';
import { CLASS_METRICS, type ClassMetric } from '../../metrics/metric-names.js';
import { type LabelOptions, readLabels } from './label-options.js';
import { type PairChoice, pairUsageError } from './pair-options.js';

export const SPLITS = ['validation', 'training', 'new', 'all'] as const;
export type SplitName = (typeof SPLITS)[number];

/** The options of `unet evaluate`. */
export interface EvaluateChoice extends LabelOptions, PairChoice {
  readonly truth?: string;
  readonly subset?: boolean;
  readonly data?: string;
  readonly split?: string;
  readonly output?: string;
  readonly pages?: string;
  readonly metrics?: string;
  readonly tolerance?: string;
  readonly objects?: boolean;
  readonly device?: string;
  readonly threads?: string;
  readonly json?: boolean;
}

/** What is measured, and how the values of masks are read. */
export interface EvaluateSettings {
  readonly labels: Exclude<ReturnType<typeof readLabels>, Failure>;
  readonly metrics: readonly ClassMetric[] | undefined;
  readonly tolerance: number | undefined;
  readonly pages: number | undefined;
  readonly split: SplitName | undefined;
}

function metricsOf({ metrics }: EvaluateChoice): readonly ClassMetric[] | undefined | Failure {
  if (metrics === undefined) return undefined;
  const names: ClassMetric[] = [];
  for (const text of metrics.split(',')) {
    const known = CLASS_METRICS.find((one) => one === text.trim());
    if (known === undefined) {
      const wanted = { oneOf: CLASS_METRICS };
      return failure('invalid-option-value', { option: '--metrics', value: text.trim(), wanted });
    }
    names.push(known);
  }
  return names;
}

/** The options that mean nothing without `other`. */
function needlessWith(
  choice: EvaluateChoice,
  names: readonly (keyof EvaluateChoice)[],
  other: string,
): Failure | undefined {
  const options = names.filter((name) => choice[name] !== undefined).map((name) => `--${name}`);
  return options.length > 0
    ? failure('needless-option', { options, reason: { case: 'without', other } })
    : undefined;
}

/** The options that mean something for classes alone. */
function classOptions({ metrics, tolerance, label, ignore }: EvaluateChoice): readonly string[] {
  return [
    ...(metrics === undefined ? [] : ['--metrics']),
    ...(tolerance === undefined ? [] : ['--tolerance']),
    ...(label.length === 0 ? [] : ['--label']),
    ...(ignore === undefined ? [] : ['--ignore']),
  ];
}

/** The settings, once all options are right. */
export function readEvaluateChoice(choice: EvaluateChoice): EvaluateSettings | Failure {
  const { truth, data, tolerance, pages, split, output } = choice;
  if (truth !== undefined && data !== undefined) {
    return failure('conflicting-options', { options: ['--truth', '--data'] });
  }
  const [ofClasses] = choice.objects ? classOptions(choice) : [];
  if (ofClasses !== undefined) return failure('conflicting-options', { options: ['--objects', ofClasses] });
  const needless =
    (truth === undefined
      ? needlessWith(choice, ['objects', 'subset'], '--truth')
      : needlessWith(choice, ['split', 'masks', 'axis', 'device', 'threads'], '--data')) ??
    (output === undefined ? needlessWith(choice, ['pages'], '-o') : undefined) ??
    (truth !== undefined && output === undefined ? needlessWith(choice, ['images'], '-o') : undefined) ??
    pairUsageError(choice);
  if (needless) return needless;
  const labels = readLabels(choice);
  if (labels instanceof Failure) return labels;
  const metrics = metricsOf(choice);
  if (metrics instanceof Failure) return metrics;
  if (tolerance !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(tolerance)) {
    const wanted = { numberFrom: 0 };
    return failure('invalid-option-value', { option: '--tolerance', value: tolerance, wanted });
  }
  if (metrics?.includes('nsd') && tolerance === undefined) {
    return failure('incomplete-options', { option: '--metrics nsd', required: 'tolerance' });
  }
  if (pages !== undefined && !/^\d{1,9}$/.test(pages)) {
    return failure('invalid-option-value', { option: '--pages', value: pages, wanted: { wholeFrom: 0 } });
  }
  const chosen = SPLITS.find((one) => one === split);
  if (split !== undefined && !chosen) {
    return failure('invalid-option-value', { option: '--split', value: split, wanted: { oneOf: SPLITS } });
  }
  return {
    ...{ labels, metrics, split: chosen },
    tolerance: tolerance === undefined ? undefined : Number(tolerance),
    pages: pages === undefined ? undefined : Number(pages),
  };
}
