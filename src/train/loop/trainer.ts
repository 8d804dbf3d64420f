import { stepProblems } from '../../autodiff/checks/step-problems.js';
import { writeTrainingStep } from '../../autodiff/step/build-training-step.js';
import { adamCorrections } from '../../autodiff/step/optimizer-setting.js';
import { type StepOptions, type StepSettings, stepSettings } from '../../autodiff/step/step-settings.js';
import type { TrainingInput, TrainingStep } from '../../autodiff/step/step-tensors.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { TrainingBatch } from '../../data/loader/training-batch.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { elementCount } from '../../ir/parameter.js';
import type { OrtDevice, Session } from '../../runtime/engine.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import type { Tensor } from '../../runtime/tensor.js';
import { seededWeights } from '../../weights/initialize.js';
import { RandomStream } from '../../weights/random-stream.js';
import { readTensor, type WeightSource } from '../../weights/weight-source.js';
import { freeTensors } from './free-tensors.js';
import { labelDistances } from './label-distances.js';
import { labelsAt } from './labels-at.js';

/** How a trainer starts and where it runs. */
export interface TrainerStart {
  /** The first values of the parameters; drawn from the seed when left out. */
  readonly weights?: WeightSource | undefined;
  /** The seed of the masks of dropouts, and of the first values; 0 when left out. */
  readonly seed?: number | undefined;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
  /** The device of the engine; the CPU when left out. */
  readonly device?: OrtDevice | undefined;
}

/** The model of a step, opened on an engine. */
export interface OpenedStep {
  readonly step: TrainingStep;
  readonly session: Session;
}

/** Compiles a step and opens it on onnxruntime. */
export async function openStep(
  network: CompiledNetwork,
  settings: StepSettings,
  { threads, device }: Pick<TrainerStart, 'threads' | 'device'>,
): Promise<OpenedStep | Failure> {
  // Only the CPU kernels of onnxruntime have this operator.
  const lacking = new Set(device === undefined || device === 'cpu' ? [] : ['MaxUnpool']);
  const step = writeTrainingStep(network, settings, lacking);
  const session = await onnxRuntimeEngine().load(step.model, {
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
  });
  return session instanceof Failure ? session : { step, session };
}

export interface TrainerRequest extends StepOptions, TrainerStart {
  readonly network: CompiledNetwork;
}

/** A network in training: its parameters, the state of the optimizer, and an engine that runs steps. */
export class Trainer {
  private constructor(
    /** The model of a step: its inputs give the shapes of a batch. */
    readonly step: TrainingStep,
    private readonly session: Session,
    /** Parameters and optimizer state by name, in their own memory. Each step makes new ones and frees these. */
    private tensors: ReadonlyMap<string, Tensor>,
    private readonly seed: number,
  ) {}

  /** Compiles the step and opens it on onnxruntime. Fails if the settings do not fit the network. */
  static async open({ network, ...request }: TrainerRequest): Promise<Trainer | Failure> {
    if (takesTimeStep(network)) return failure('time-step-network', { network: network.name });
    const settings = stepSettings(network, request);
    const problems = stepProblems(network, settings);
    if (problems.length > 0) return failure('step-invalid', { network: network.name, problems });
    const opened = await openStep(network, settings, request);
    return opened instanceof Failure ? opened : Trainer.start(opened, request);
  }

  /** A trainer with a step that is open. It closes the step's session. */
  static start(
    { step, session }: OpenedStep,
    { seed = 0, weights = seededWeights(seed) }: Pick<TrainerStart, 'seed' | 'weights'>,
  ): Trainer {
    const tensors = new Map<string, Tensor>();
    for (const parameter of step.parameters) {
      tensors.set(parameter.name, { shape: parameter.shape, data: readTensor(weights, parameter) });
    }
    for (const { name, parameter } of step.state) {
      tensors.set(name, { shape: parameter.shape, data: new Float32Array(elementCount(parameter.shape)) });
    }
    return new Trainer(step, session, tensors, seed);
  }

  /** The current parameters and optimizer state by name. A step frees them, so a caller must copy what it keeps. */
  get state(): ReadonlyMap<string, Tensor> {
    return this.tensors;
  }

  /** Copies of the parameters, by name: for `weightsFromTensors`. */
  get parameters(): ReadonlyMap<string, Float32Array> {
    const own = [...this.tensors].filter(([name]) => this.isParameter(name));
    return new Map(own.map(([name, { data }]) => [name, data.slice()]));
  }

  /** Whether a tensor of the state is a parameter of the network; otherwise it belongs to the optimizer. */
  isParameter(name: string): boolean {
    return this.step.parameters.some((parameter) => parameter.name === name);
  }

  /** Returns to a state that was kept: tensors of the same names and shapes. */
  restore(state: ReadonlyMap<string, Tensor>): void {
    for (const [name, { data }] of this.tensors) {
      const kept = state.get(name);
      if (kept) data.set(kept.data);
    }
  }

  /** Whether every number of the state is finite. After a step that overflowed, no later step can be of use. */
  get isFinite(): boolean {
    for (const { data } of this.tensors.values()) {
      // NaN and infinity times 0 are NaN, so the sum is 0 only if all numbers are finite.
      let sum = 0;
      for (let i = 0; i < data.length; i += 1) sum += (data[i] ?? 0) * 0;
      if (sum !== 0) return false;
    }
    return true;
  }

  /**
   * Runs one step, counted from 0, and gives the loss before it. If the loss is NaN or infinite, the step changes nothing.
   * Fails for a batch of another shape.
   *
   * @param rate the learning rate
   */
  async train(batch: TrainingBatch, index: number, rate: number): Promise<number | Failure> {
    const wrong = this.wrongShape(batch);
    if (wrong) return wrong;
    const { step, session } = this;
    const others = new Map<string, Tensor>();
    for (const input of step.inputs) {
      if (input.kind !== 'image') others.set(input.name, this.valueOf(input, batch, index, rate));
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

  /** The value of an input of the step. */
  private valueOf(input: TrainingInput, batch: TrainingBatch, index: number, rate: number): Tensor {
    const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
    switch (input.kind) {
      case 'image':
        return batch.images;
      case 'time':
        throw new Error('a trainer does not open a network that takes a time step');
      case 'labels':
        return labelsAt(batch.labels, input.shape, input.scale);
      case 'weights':
        return labelsAt(weightsOf(batch), input.shape, input.scale);
      case 'distances': {
        const shape = input.shape.map((size, axis) => (axis === 1 ? 1 : size));
        const labels = labelsAt(batch.labels, shape, input.scale);
        return labelDistances(labels, labelsAt(weightsOf(batch), shape, input.scale), input.shape);
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
        if (!tensor) throw new Error(`no tensor is called ${input.name}`);
        return tensor;
      }
      default:
        return input satisfies never;
    }
  }

  /** Fails if a batch has wrong shapes. The labels of coarser outputs are made from the labels of the first output. */
  private wrongShape(batch: TrainingBatch): Failure | undefined {
    for (const what of ['images', 'labels', 'weights'] as const) {
      const tensor = batch[what];
      const input = this.step.inputs.find(({ kind }) => kind === (what === 'images' ? 'image' : what));
      if (!tensor || !input) continue;
      const isWhole = tensor.data.length === elementCount(tensor.shape);
      if (isWhole && tensor.shape.join() === input.shape.join()) continue;
      const found = isWhole ? tensor.shape : tensor.data.length;
      return failure('batch-shape', { what, wanted: input.shape, found });
    }
    return undefined;
  }

  /** The factors of a dropout: each element comes from a stream of the seed, the step and the path of the dropout. */
  private mask(name: string, shape: readonly number[], rate: number, step: number): Tensor {
    const data = new Float32Array(elementCount(shape));
    // Uniform on (-1, 1): a fraction `rate` lies below 2 rate - 1.
    new RandomStream(this.seed, `dropout ${step} ${name}`).fillUniform(data, 1);
    const kept = 1 / (1 - rate);
    for (const [i, number] of data.entries()) data[i] = number < 2 * rate - 1 ? 0 : kept;
    return { shape, data };
  }
}

/** Whether a network takes a time step besides the image. */
export function takesTimeStep({ training }: CompiledNetwork): boolean {
  return training.nodes.some(({ kind }) => kind === 'time');
}

function weightsOf({ labels, weights }: TrainingBatch): Tensor {
  return weights ?? { shape: labels.shape, data: new Float32Array(labels.data.length).fill(1) };
}
