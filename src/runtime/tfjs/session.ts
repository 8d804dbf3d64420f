import type { LayersModel, Tensor as TfTensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { feedsOf, type OtherInputs, type Session, type TensorInfo } from '../engine.js';
import type { Tensor } from '../tensor.js';
import type { TfjsEngine } from './engines/start.js';

/** (N, ...spatial, C) of the model as (N, C, ...spatial); a free size has no symbol. */
function tensorInfo(name: string, symbolic: LayersModel['inputs'][number] | undefined): TensorInfo {
  const shape = (symbolic?.shape ?? []).map((size) => size ?? '');
  const [first, ...rest] = shape;
  const channels = rest.pop();
  return {
    name,
    type: symbolic?.dtype ?? 'float32',
    shape: first === undefined || channels === undefined ? shape : [first, channels, ...rest],
  };
}

/** The permutation from (N, ...spatial, C) to (N, C, ...spatial), for three axes or more. */
function channelsFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

function channelsLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** The names of a model's tensors. A sequential model has no list of them, although the types of tfjs say so. */
function namesOf(names: readonly string[] | undefined, tensors: LayersModel['inputs']): readonly string[] {
  return names ?? tensors.map(({ name }) => name);
}

class TfjsSession implements Session {
  private closed = false;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];

  constructor(
    private readonly engine: TfjsEngine,
    private readonly model: LayersModel,
    readonly metadata: Readonly<Record<string, string>>,
  ) {
    this.inputs = namesOf(model.inputNames, model.inputs).map((name, i) => tensorInfo(name, model.inputs[i]));
    this.outputs = namesOf(model.outputNames, model.outputs).map((name, i) =>
      tensorInfo(name, model.outputs[i]),
    );
  }

  async run(input: Tensor, others?: OtherInputs): Promise<ReadonlyMap<string, Tensor> | Failure> {
    if (this.closed) throw new Error('the session is closed');
    const feeds = feedsOf(this.inputs, input, others);
    if (feeds instanceof Failure) return feeds;
    const { tf } = this.engine;
    let results: TfTensor[] = [];
    try {
      results = tf.tidy(() =>
        this.predict(
          tf,
          feeds.map(({ tensor }) => tensor),
        ),
      );
      const tensors = new Map<string, Tensor>();
      for (const [i, { name }] of this.outputs.entries()) {
        const result = results[i];
        if (result === undefined) throw new Error(`the model gave no ${name}`);
        const data = await result.data();
        tensors.set(name, {
          shape: result.shape,
          data: data instanceof Float32Array ? data : Float32Array.from(data),
        });
      }
      return tensors;
    } catch (error) {
      return failure('model-failed', { engine: this.engine.name, reason: reasonOf(error) });
    } finally {
      for (const result of results) result.dispose();
    }
  }

  /** Every output, channels first. */
  private predict(tf: Tf, inputs: readonly Tensor[]): TfTensor[] {
    const given = inputs.map(({ data, shape }) => {
      const tensor = tf.tensor(data, [...shape]);
      return shape.length < 3 ? tensor : tf.transpose(tensor, channelsLast(shape.length));
    });
    const [only, ...more] = given;
    const outputs = this.model.predictOnBatch(only && more.length === 0 ? only : given);
    return [outputs].flat().map((output) =>
      // Without the clone, a tensor that belongs to the model, such as a constant, would be disposed with the result.
      output.rank < 3 ? tf.clone(output) : tf.transpose(output, channelsFirst(output.rank)),
    );
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.model.dispose();
    await this.engine.close();
  }
}

/**
 * A session for a LayersModel. The model takes and gives (N, ...spatial, C), the session (N, C, ...spatial). Outputs are
 * named by their layers. Anything that the engine throws while it runs, such as wasm's out of memory, becomes a Failure.
 * Closing the session disposes the model and closes the engine.
 */
export function sessionOf(
  engine: TfjsEngine,
  model: LayersModel,
  metadata: Readonly<Record<string, string>> = {},
): Session {
  return new TfjsSession(engine, model, metadata);
}
