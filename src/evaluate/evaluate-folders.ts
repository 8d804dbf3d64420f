import { type Failure, failure } from '../diagnostics/failure.js';
import type { CaseMetrics } from '../metrics/case-metrics.js';
import { evaluateCase } from '../metrics/evaluate-case.js';
import type { ClassMetric } from '../metrics/metric-names.js';
import {
  evaluateObjects,
  type ObjectMetrics,
  type ObjectSummary,
  summarizeObjects,
} from '../metrics/objects/evaluate-objects.js';
import { MetricsAccumulator, type MetricsSummary } from '../metrics/summarize.js';
import { type CaseLabels, type OpenEvaluation, readCase } from './open-evaluation.js';

export interface MeasureOptions {
  readonly metrics?: readonly ClassMetric[] | undefined;
  /** For `nsd`, in the unit of the spacing. */
  readonly tolerance?: number | undefined;
  /** What the training of the model had each case for, by its name; nothing when left out. */
  readonly parts?: ReadonlyMap<string, TrainingPart> | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What a training had a case for; `new` is one that it did not have. */
export type TrainingPart = 'training' | 'validation' | 'new';

/** What is measured of a prediction. */
export interface EvaluatedCase {
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
  /** Left out where no run is evaluated. */
  readonly part?: TrainingPart;
  readonly metrics: CaseMetrics | undefined;
  readonly objects: ObjectMetrics | undefined;
}

/** Everything is JSON. */
export interface FolderEvaluation {
  readonly cases: readonly EvaluatedCase[];
  /** Of distances: "mm", "pixels". */
  readonly unit: string;
  readonly summary: MetricsSummary | undefined;
  readonly objects: ObjectSummary | undefined;
  /** The cases of each part of a training by themselves; left out if all are of one part. */
  readonly parts?: Readonly<Partial<Record<TrainingPart, MetricsSummary>>>;
}

/** Measures all cases, one after the other. Fails with all files that cannot be read or whose values have no class. */
export async function measureCases(
  evaluation: OpenEvaluation,
  options: MeasureOptions = {},
): Promise<FolderEvaluation | Failure> {
  const { truths, predictions } = evaluation;
  const cases: EvaluatedCase[] = [];
  const problems: Failure[] = [];
  for (const [i, truth] of truths.entries()) {
    const labels = await readCase(evaluation, i);
    const part = options.parts?.get(truth.name);
    if ('kind' in labels) {
      cases.push({
        ...{ name: truth.name, prediction: predictions[i]?.mask ?? '', truth: truth.mask },
        ...(part ? { part } : {}),
        ...measured(evaluation, i, labels, options),
      });
    } else problems.push(...labels);
    options.onProgress?.(i + 1, truths.length);
  }
  if (problems.length > 0) {
    return failure('data-set-invalid', { folder: predictions[0]?.mask ?? '', problems });
  }
  const objects = cases.flatMap((one) => one.objects ?? []);
  return {
    ...{ cases, unit: evaluation.scale.unit, summary: evaluation.maps && summaryOf(cases) },
    objects: objects.length > 0 ? summarizeObjects(objects) : undefined,
    ...partsOf(cases),
  };
}

function measured(
  { truths, maps, scale }: OpenEvaluation,
  index: number,
  labels: CaseLabels,
  { metrics, tolerance }: MeasureOptions,
): Pick<EvaluatedCase, 'metrics' | 'objects'> {
  if (labels.kind === 'objects') {
    return { metrics: undefined, objects: evaluateObjects(labels.truth, labels.predicted) };
  }
  const sample = truths[index];
  if (!sample || !maps) throw new Error('labels that are classes have a sample, and maps');
  const own = evaluateCase(labels.truth, labels.predicted, {
    ...{ shape: sample.spatial, classes: maps.classes, spacing: scale.spacingOf(sample) },
    ...{ metrics, tolerance },
  });
  return { metrics: own, objects: undefined };
}

function summaryOf(cases: readonly EvaluatedCase[]): MetricsSummary {
  const accumulator = new MetricsAccumulator();
  for (const { metrics } of cases) if (metrics) accumulator.add(metrics);
  return accumulator.result();
}

function partsOf(cases: readonly EvaluatedCase[]): Pick<FolderEvaluation, 'parts'> {
  const names = new Set(cases.flatMap(({ part }) => part ?? []));
  if (names.size < 2) return {};
  const summaries = [...names].map(
    (name) => [name, summaryOf(cases.filter(({ part }) => part === name))] as const,
  );
  return { parts: Object.fromEntries(summaries) };
}
