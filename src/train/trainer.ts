import { RandomStream } from '../../codegen/weights/random-stream.js';
import { readTensor, type WeightSource } from '../../codegen/weights/weight-source.js';
import type { StepInput } from '../autodiff/differentiate.js';
import { distanceMap } from '../autodiff/losses/distance-map.js';
import { adamCorrections } from '../autodiff/optimizers.js';
import {
  LOSS_OUTPUT,
  nextOf,
  type StepRequest,
  stepScalars,
  type TrainingStep,
  trainingStep,
} from '../autodiff/training-step.js';
import { elementCount } from '../ir/parameter.js';
import type { OrtDevice, Session } from '../runtime/engine.js';
import { Failure } from '../runtime/failure.js';
import { onnxRuntimeEngine } from '../runtime/onnxruntime.js';
import type { Tensor } from '../runtime/tensor.js';
import { freeTensors } from './free-tensors.js';
import { labelsAt, outputScales } from './labels-at.js';

/** What a step learns from. */
export interface TrainingBatch {
  /** (N, C, ...spatial). */
  readonly images: Tensor;
  /** (N, 1, ...output spatial): class numbers. */
  readonly labels: Tensor;
  /** (N, 1, ...output spatial): 0 where nobody labelled. */
  readonly weights: Tensor;
}

export interface TrainerRequest extends StepRequest {
  /** Where the parameters start. */
  readonly weights: WeightSource;
  /** Seeds the masks of dropouts. */
  readonly seed: number;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
  /** Where it runs; on the CPU when left out. */
  readonly device?: OrtDevice | undefined;
}

/** A network in training: its parameters and the optimizer's state, and an engine that makes steps. */
export class Trainer {
  private constructor(
    private readonly step: TrainingStep,
    private readonly session: Session,
    /** Parameters and optimizer state by name, in memory of its own; each step makes new ones and frees these. */
    private tensors: ReadonlyMap<string, Tensor>,
    private readonly seed: number,
    /** By the names of outputs: see outputScales. */
    private readonly scales: ReadonlyMap<string, readonly number[]>,
  ) {}

  static async open(request: TrainerRequest): Promise<Trainer | Failure> {
    const { threads, device } = request;
    // Only its CPU kernels have this one.
    const lacking = new Set(device === undefined || device === 'cpu' ? [] : ['MaxUnpool']);
    const step = trainingStep({ ...request, lacking });
    const session = await onnxRuntimeEngine().load(step.model, {
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
    });
    if (session instanceof Failure) return session;
    const tensors = new Map<string, Tensor>();
    for (const parameter of step.parameters) {
      tensors.set(parameter.name, { shape: parameter.shape, data: readTensor(request.weights, parameter) });
    }
    for (const { name, parameter } of step.state) {
      tensors.set(name, { shape: parameter.shape, data: new Float32Array(elementCount(parameter.shape)) });
    }
    const scales = outputScales(request.graph);
    const named = request.graph.outputs.map(({ name }, i) => [name, scales[i] ?? []] as const);
    return new Trainer(step, session, tensors, request.seed, new Map(named));
  }

  /** Parameters and optimizer state by name, as they are now: a step frees them, so what is kept longer is copied. */
  get state(): ReadonlyMap<string, Tensor> {
    return this.tensors;
  }

  /** Whether a tensor of the state is a parameter of the network; else it is the optimizer's. */
  isParameter(name: string): boolean {
    return this.step.parameters.some((parameter) => parameter.name === name);
  }

  /** Goes on from a state that was kept: tensors of the same names and shapes. */
  restore(state: ReadonlyMap<string, Tensor>): void {
    for (const [name, { data }] of this.tensors) {
      const kept = state.get(name);
      if (kept) data.set(kept.data);
    }
  }

  /** Whether every number of the state is finite: after a step that overflowed, none that follows can be of use. */
  get isFinite(): boolean {
    for (const { data } of this.tensors.values()) {
      // Any number that is not finite makes the sum of all times 0 not 0.
      let sum = 0;
      for (let i = 0; i < data.length; i += 1) sum += (data[i] ?? 0) * 0;
      if (sum !== 0) return false;
    }
    return true;
  }

  /**
   * One step, counted from 0; the loss before it. A loss that is no number changes nothing: the state before the step
   * stays.
   */
  async train(batch: TrainingBatch, index: number, rate: number): Promise<number | Failure> {
    const feeds = new Map<string, Tensor>(this.tensors);
    const scalar = (name: string, value: number) =>
      feeds.set(name, { shape: [], data: Float32Array.of(value) });
    const corrections = adamCorrections(index + 1);
    const known = new Set(this.session.inputs.map(({ name }) => name));
    scalar(stepScalars.rate, rate);
    scalar(stepScalars.firstCorrection, corrections.first);
    scalar(stepScalars.secondCorrection, corrections.second);
    for (const input of this.step.inputs) {
      if (input.kind === 'mask') feeds.set(input.value.name, this.mask(input, index));
    }
    for (const target of this.step.targets) {
      const scale = this.scales.get(target.output) ?? [];
      const labels = labelsAt(batch.labels, target.labels.shape, scale);
      const weights = labelsAt(batch.weights, target.weights.shape, scale);
      feeds.set(target.labels.name, labels);
      feeds.set(target.weights.name, weights);
      if (known.has(target.distances.name)) {
        feeds.set(target.distances.name, distancesOf(labels, weights, target.distances.shape));
      }
    }
    const others = new Map([...feeds].filter(([name]) => known.has(name)));
    const results = await this.session.run(batch.images, others);
    if (results instanceof Failure) return results;
    const loss = results.get(LOSS_OUTPUT)?.data[0] ?? Number.NaN;
    if (!Number.isFinite(loss)) return loss;
    const before = this.tensors;
    this.tensors = new Map(
      [...before].map(([name, tensor]) => [name, results.get(nextOf(name)) ?? tensor] as const),
    );
    freeTensors([...before].filter(([name]) => results.has(nextOf(name))).map(([, tensor]) => tensor));
    return loss;
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** The factors of a dropout: each element from a stream of the seed, the step and the dropout's path. */
  private mask({ value, rate = 0 }: StepInput, step: number): Tensor {
    const data = new Float32Array(elementCount(value.shape));
    // Uniform on (-1, 1): below 2 rate - 1 lies the part `rate`.
    new RandomStream(this.seed, `dropout ${step} ${value.name}`).fillUniform(data, 1);
    const kept = 1 / (1 - rate);
    for (const [i, number] of data.entries()) data[i] = number < 2 * rate - 1 ? 0 : kept;
    return { shape: value.shape, data };
  }
}

/** The distances to the border of each class, (N, K, ...spatial), of labels and weights (N, 1, ...spatial). */
export function distancesOf(labels: Tensor, weights: Tensor, shape: readonly number[]): Tensor {
  const [batch = 1, classes = 1, ...spatial] = shape;
  const count = elementCount(spatial);
  const data = new Float32Array(elementCount(shape));
  for (let n = 0; n < batch; n += 1) {
    const own = ({ data: all }: Tensor) => all.subarray(n * count, (n + 1) * count);
    data.set(distanceMap(own(labels), classes, spatial, own(weights)), n * classes * count);
  }
  return { shape, data };
}
