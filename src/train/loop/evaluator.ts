import { writeEvaluationModel } from '../../autodiff/step/evaluation-model.js';
import type { EvaluationModel } from '../../autodiff/step/step-tensors.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import { IGNORED } from '../../data/labels/label-map.js';
import { openValidation } from '../../data/loader/open-loader.js';
import type { LoaderSettings } from '../../data/loader/settings.js';
import { coverWith } from '../../data/patches/patch-size.js';
import type { Sample } from '../../data/samples/sample.js';
import { Failure } from '../../diagnostics/failure.js';
import type { LossTerm } from '../../language/recipes/recipe-spec.js';
import { lengthScale } from '../../metrics/length-scale.js';
import type { OrtDevice, Session } from '../../runtime/engine.js';
import { planFit } from '../../runtime/inference/fit.js';
import { predict } from '../../runtime/inference/predict.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';
import { MetricsCollector, type SegmentationMetrics } from '../metrics/metrics.js';
import type { MetricName } from '../metrics/requested-metrics.js';
import { AssembledImage } from './assembled-image.js';
import { labelDistances } from './label-distances.js';

/** How well a network does on images that it has not learned from. */
export interface Evaluation {
  /** The mean over all patches with a labelled position. */
  readonly loss: number;
  readonly metrics: SegmentationMetrics;
}

/** What an evaluator runs. The loss and the patch fit the network: see stepProblems. */
export interface EvaluatorRequest {
  readonly network: CompiledNetwork;
  readonly loss: readonly LossTerm[];
  readonly settings: LoaderSettings;
  /** What is measured besides Dice and IoU; nothing when left out. */
  readonly metrics?: readonly MetricName[];
  readonly threads?: number | undefined;
  readonly device?: OrtDevice | undefined;
}

/** Runs a network on whole images, patch by patch, with the current weights. */
export class Evaluator {
  private constructor(
    private readonly request: EvaluatorRequest,
    private readonly model: EvaluationModel,
    private readonly session: Session,
  ) {}

  static async open(request: EvaluatorRequest): Promise<Evaluator | Failure> {
    const { network, loss, settings, threads, device } = request;
    const model = writeEvaluationModel(network, { loss, patch: settings.patch.input });
    const session = await onnxRuntimeEngine().load(model.model, {
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
    });
    return session instanceof Failure ? session : new Evaluator(request, model, session);
  }

  /** The loss and the metrics of samples. */
  async evaluate(
    dataSet: DataSet,
    samples: readonly Sample[],
    weights: ReadonlyMap<string, Tensor>,
  ): Promise<Evaluation | Failure> {
    // Every position counts alike: otherwise, a class with the weight 0 would not be counted at all.
    const { classWeights: _, ...plain } = this.request.settings;
    const settings = { ...plain, batch: 1 };
    const patches = await openValidation(dataSet, samples, settings, { workers: 0 });
    if (patches instanceof Failure) return patches;
    const { patch: size, spacing } = settings;
    const scale = lengthScale(samples, spacing);
    const collector = new MetricsCollector(dataSet.labels.classes, {
      names: this.request.metrics ?? [],
      unit: scale.unit,
    });
    // The patches of an image follow each other.
    const waiting = samples.values();
    let image: { readonly sample: Sample; readonly maps: AssembledImage } | undefined;
    let [losses, count] = [0, 0];
    for await (const patch of patches) {
      if (patch instanceof Failure) return patch;
      const { images, labels, weights: positions } = patch;
      const results = await this.run(images, labels, positions, weights);
      if (results instanceof Failure) return results;
      const { loss, prediction } = results;
      // The loss of a patch without labels is 0, and means nothing.
      if (positions.data.some((weight) => weight > 0)) {
        losses += loss;
        count += 1;
      }
      // The weight is 0 if nobody labelled the position, or if another patch counts it.
      const truth = Uint16Array.from(labels.data, (label, i) => (positions.data[i] === 0 ? IGNORED : label));
      if (!image) {
        const sample = waiting.next().value;
        if (!sample) throw new Error('there are more patches than the images have');
        const windows = coverWith(size, sample.spatial);
        if (windows instanceof Failure) return windows;
        image = { sample, maps: new AssembledImage(sample.spatial, windows, size.output) };
      }
      const { sample, maps } = image;
      maps.add(classesOf(prediction), truth);
      if (maps.isComplete) {
        collector.add(maps.predicted, maps.truth, {
          shape: sample.spatial,
          spacing: scale.spacingOf(sample),
        });
        image = undefined;
      }
    }
    return { loss: losses / Math.max(1, count), metrics: collector.result() };
  }

  /** The class of each position of a whole image, (...spatial), window by window as in `unet run`. */
  async predict(image: Tensor, weights: ReadonlyMap<string, Tensor>): Promise<Uint16Array | Failure> {
    const { input, output } = this.request.settings.patch;
    const names = 'DHW'.slice(3 - input.length);
    const rules = input.map((fixed, i) => ({ axis: names[i] ?? '', fixed }));
    const margin = input.map((size, axis) => size - (output[axis] ?? size));
    const plan = planFit(rules, margin, image.shape.slice(1), { strategy: 'tile' });
    if (plan instanceof Failure) return plan;
    const { shape } = this.model.inputs.find(({ kind }) => kind === 'labels') ?? { shape: [] };
    const nothing = { shape, data: new Float32Array(elementCount(shape)) };
    const session: Session = {
      metadata: {},
      close: async () => {},
      inputs: this.session.inputs,
      outputs: this.session.outputs.filter(({ name }) => name === this.model.prediction.name),
      run: async (window) => {
        const results = await this.run(window, nothing, nothing, weights);
        return results instanceof Failure
          ? results
          : new Map([[this.model.prediction.name, results.prediction]]);
      },
    };
    const whole = await predict(session, image, plan);
    return whole instanceof Failure ? whole : classesOf({ ...whole, shape: [1, ...whole.shape] });
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private async run(
    images: Tensor,
    labels: Tensor,
    positions: Tensor,
    weights: ReadonlyMap<string, Tensor>,
  ): Promise<{ readonly loss: number; readonly prediction: Tensor } | Failure> {
    const { model } = this;
    const others = new Map<string, Tensor>();
    for (const { kind, name, shape } of model.inputs) {
      switch (kind) {
        case 'image':
          break;
        case 'time':
          throw new Error('a network that takes a time step is not trained');
        case 'labels':
          others.set(name, labels);
          break;
        case 'weights':
          others.set(name, positions);
          break;
        case 'distances':
          others.set(name, labelDistances(labels, positions, shape));
          break;
        case 'parameter': {
          const tensor = weights.get(name);
          if (!tensor) throw new Error(`no parameter is called ${name}`);
          others.set(name, { shape, data: tensor.data });
          break;
        }
        default:
          kind satisfies never;
      }
    }
    const results = await this.session.run(images, others);
    if (results instanceof Failure) return results;
    const prediction = results.get(model.prediction.name);
    if (!prediction) throw new Error('an evaluation gives a prediction');
    return { loss: results.get(model.loss.name)?.data[0] ?? Number.NaN, prediction };
  }
}

/** The most probable class of each position, from (1, K, ...spatial). A single channel is class 1 above one half. */
export function classesOf({ shape, data }: Tensor): Uint16Array {
  const channels = shape[1] ?? 1;
  const positions = elementCount(shape.slice(2));
  const classes = new Uint16Array(positions);
  for (let i = 0; i < positions; i += 1) {
    if (channels === 1) {
      classes[i] = (data[i] ?? 0) > 0.5 ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let k = 1; k < channels; k += 1) {
      if ((data[k * positions + i] ?? 0) > (data[best * positions + i] ?? 0)) best = k;
    }
    classes[i] = best;
  }
  return classes;
}
