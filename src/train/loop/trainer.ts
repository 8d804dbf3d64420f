import { distanceMap } from '../../autodiff/losses/distance-map.js';
import { adamCorrections } from '../../autodiff/step/adam.js';
import { buildTrainingStep } from '../../autodiff/step/build-training-step.js';
import type { StepOptions } from '../../autodiff/step/step-settings.js';
import type { TrainingInput, TrainingStep } from '../../autodiff/step/step-tensors.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { elementCount } from '../../ir/parameter.js';
import type { OrtDevice, Session } from '../../runtime/engine.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import { shapeText, type Tensor } from '../../runtime/tensor.js';
import { seededWeights } from '../../weights/initialize.js';
import { RandomStream } from '../../weights/random-stream.js';
import { readTensor, type WeightSource } from '../../weights/weight-source.js';
import { freeTensors } from './free-tensors.js';
import { labelsAt } from './labels-at.js';

/** What a step learns from. */
export interface TrainingBatch {
  /** (N, C, ...spatial). */
  readonly images: Tensor;
  /** (N, 1, ...output spatial): class numbers. */
  readonly labels: Tensor;
  /** (N, 1, ...output spatial): 0 where nobody labelled; 1 everywhere when left out. */
  readonly weights?: Tensor;
}

export interface TrainerRequest extends StepOptions {
  readonly network: CompiledNetwork;
  /** Where the parameters start; as the seed draws them when left out. */
  readonly weights?: WeightSource | undefined;
  /** Seeds the masks of dropouts, and the start; 0 when left out. */
  readonly seed?: number | undefined;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
  /** Where it runs; on the CPU when left out. */
  readonly device?: OrtDevice | undefined;
}

/** A network in training: its parameters and the optimizer's state, and an engine that makes steps. */
export class Trainer {
  private constructor(
    /** The model of a step: its inputs say the shapes of a batch. */
    readonly step: TrainingStep,
    private readonly session: Session,
    /** Parameters and optimizer state by name, in memory of its own; each step makes new ones and frees these. */
    private tensors: ReadonlyMap<string, Tensor>,
    private readonly seed: number,
  ) {}

  /** Compiles the step and opens it on onnxruntime. Fails where the settings do not fit the network. */
  static async open(request: TrainerRequest): Promise<Trainer | Failure> {
    const { network, seed = 0, threads, device } = request;
    const { weights = seededWeights(seed) } = request;
    if (network.training.nodes.some(({ kind }) => kind === 'time')) {
      return new Failure(`${network.name} takes a time step: training on images and masks has none`);
    }
    // Only its CPU kernels have this one.
    const lacking = new Set(device === undefined || device === 'cpu' ? [] : ['MaxUnpool']);
    const step = buildTrainingStep(network, { ...request, lacking });
    if (!step.ok) return new Failure(step.problems.map(({ message }) => message).join('; '));
    const session = await onnxRuntimeEngine().load(step.model, {
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
    });
    if (session instanceof Failure) return session;
    const tensors = new Map<string, Tensor>();
    for (const parameter of step.parameters) {
      tensors.set(parameter.name, { shape: parameter.shape, data: readTensor(weights, parameter) });
    }
    for (const { name, parameter } of step.state) {
      tensors.set(name, { shape: parameter.shape, data: new Float32Array(elementCount(parameter.shape)) });
    }
    return new Trainer(step, session, tensors, seed);
  }

  /** Parameters and optimizer state by name, as they are now: a step frees them, so what is kept longer is copied. */
  get state(): ReadonlyMap<string, Tensor> {
    return this.tensors;
  }

  /** Copies of the parameters, by name: for `weightsFromTensors`. */
  get parameters(): ReadonlyMap<string, Float32Array> {
    const own = [...this.tensors].filter(([name]) => this.isParameter(name));
    return new Map(own.map(([name, { data }]) => [name, data.slice()]));
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
   * stays. Fails for a batch of another shape.
   *
   * @param rate the learning rate
   */
  async train(batch: TrainingBatch, index: number, rate: number): Promise<number | Failure> {
    const wrong = this.mismatch(batch);
    if (wrong) return wrong;
    const { step, session } = this;
    const others = new Map<string, Tensor>();
    for (const input of step.inputs) {
      if (input.kind !== 'image') others.set(input.name, this.fed(input, batch, index, rate));
    }
    const results = await session.run(batch.images, others);
    if (results instanceof Failure) return results;
    let loss = Number.NaN;
    const next = new Map<string, Tensor>();
    for (const output of step.outputs) {
      const tensor = results.get(output.name);
      if (!tensor) throw new Error(`the step gives no ${output.name}`);
      if (output.kind === 'next') next.set(output.of, tensor);
      else loss = tensor.data[0] ?? Number.NaN;
    }
    if (!Number.isFinite(loss)) return loss;
    const before = this.tensors;
    this.tensors = new Map([...before].map(([name, tensor]) => [name, next.get(name) ?? tensor] as const));
    freeTensors([...before].filter(([name]) => next.has(name)).map(([, tensor]) => tensor));
    return loss;
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** What an input of the step is fed. */
  private fed(input: TrainingInput, batch: TrainingBatch, index: number, rate: number): Tensor {
    const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
    switch (input.kind) {
      case 'image':
        return batch.images;
      case 'time':
        throw new Error('no network that takes a time step is opened');
      case 'labels':
        return labelsAt(batch.labels, input.shape, input.scale);
      case 'weights':
        return labelsAt(weightsOf(batch), input.shape, input.scale);
      case 'distances': {
        const shape = input.shape.map((size, axis) => (axis === 1 ? 1 : size));
        const labels = labelsAt(batch.labels, shape, input.scale);
        return distancesOf(labels, labelsAt(weightsOf(batch), shape, input.scale), input.shape);
      }
      case 'learning_rate':
        return scalar(rate);
      case 'first_correction':
        return scalar(adamCorrections(index + 1).first);
      case 'second_correction':
        return scalar(adamCorrections(index + 1).second);
      case 'mask':
        return this.mask(input.name, input.shape, input.rate, index);
      case 'parameter':
      case 'state': {
        const tensor = this.tensors.get(input.name);
        if (!tensor) throw new Error(`nothing is called ${input.name}`);
        return tensor;
      }
      default:
        return input satisfies never;
    }
  }

  /** What is wrong with the shapes of a batch. Coarser outputs take their labels from those of the first. */
  private mismatch(batch: TrainingBatch): Failure | undefined {
    for (const what of ['image', 'labels', 'weights'] as const) {
      const tensor = what === 'image' ? batch.images : batch[what];
      const input = this.step.inputs.find(({ kind }) => kind === what);
      if (!tensor || !input) continue;
      const isWhole = tensor.data.length === elementCount(tensor.shape);
      if (isWhole && tensor.shape.join() === input.shape.join()) continue;
      const found = isWhole ? shapeText(tensor.shape) : `${tensor.data.length} numbers`;
      const name = what === 'image' ? 'images' : what;
      return new Failure(`the ${name} of a step are ${shapeText(input.shape)}, not ${found}`);
    }
    return undefined;
  }

  /** The factors of a dropout: each element from a stream of the seed, the step and the dropout's path. */
  private mask(name: string, shape: readonly number[], rate: number, step: number): Tensor {
    const data = new Float32Array(elementCount(shape));
    // Uniform on (-1, 1): below 2 rate - 1 lies the part `rate`.
    new RandomStream(this.seed, `dropout ${step} ${name}`).fillUniform(data, 1);
    const kept = 1 / (1 - rate);
    for (const [i, number] of data.entries()) data[i] = number < 2 * rate - 1 ? 0 : kept;
    return { shape, data };
  }
}

function weightsOf({ labels, weights }: TrainingBatch): Tensor {
  return weights ?? { shape: labels.shape, data: new Float32Array(labels.data.length).fill(1) };
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
