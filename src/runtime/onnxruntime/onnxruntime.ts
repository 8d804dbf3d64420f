import { Float16Array, getFloat16 } from '@petamoriken/float16';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import {
  type Device,
  type Engine,
  feedsOf,
  type LoadOptions,
  type OtherInputs,
  type Session,
  type TensorInfo,
} from '../engine.js';
import type { Tensor } from '../tensor.js';
import { readOnnxMetadata } from './onnx-metadata.js';
import { webgpuProvider } from './webgpu-provider.js';

type OnnxRuntime = typeof import('onnxruntime-node');

/** The command that installs the engine, without its install script, which only downloads CUDA. */
const INSTALL = 'npm install onnxruntime-node --ignore-scripts';
const INSTALL_CUDA = 'npm install onnxruntime-node --onnxruntime-node-install=cuda12';

/** Only our own messages reach the terminal. */
const FATAL = 4;

async function importRuntime(load: () => Promise<OnnxRuntime>): Promise<OnnxRuntime | Failure> {
  try {
    const runtime = await load();
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND') {
      return failure('engine-not-installed', { package: 'onnxruntime-node', command: INSTALL });
    }
    const engine = `onnxruntime-node on ${process.platform} ${process.arch}`;
    return failure('engine-not-started', { engine, problem: { case: 'thrown', reason: reasonOf(error) } });
  }
}

/**
 * The engine's own words, without the source position that they begin with:
 * "/src/model.cc:202 Model::Model(const Path&, ...) Unsupported model IR version: 99".
 */
function engineReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const place = /^\S+\.(?:cc|h|cpp):\d+ /.exec(text);
  let rest = text;
  if (place !== null) {
    // The signature ends with its last parenthesis.
    let [depth, end] = [0, text.indexOf('(')];
    for (; end >= 0 && end < text.length; end++) {
      if (text[end] === '(') depth++;
      if (text[end] === ')' && --depth === 0) break;
    }
    rest = text.slice(end + 1).replace(/^(?: const)?(?:::<lambda\(.*?\)>)?/, '');
  }
  const sentence = rest
    .replace(/\s+/g, ' ')
    .trim()
    // The condition of a failed assertion in the engine means nothing to a user.
    .replace(/^.*? was false\. /, '')
    .replace(/\.$/, '');
  return sentence.length > 300 ? `${sentence.slice(0, 297)}...` : sentence;
}

function tensorInfo(value: InferenceSession.ValueMetadata): TensorInfo | Failure {
  if (value.isTensor) return { name: value.name, type: value.type, shape: value.shape };
  return failure('not-a-tensor', { name: value.name, output: false });
}

let halfTable: Float32Array | undefined;

/** Every float16 number by its 16 bits. */
function float16Table(): Float32Array {
  if (halfTable === undefined) {
    const view = new DataView(new ArrayBuffer(2));
    halfTable = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
      view.setUint16(0, bits);
      return getFloat16(view, 0);
    });
  }
  return halfTable;
}

/** Elements of type `type` for the engine; undefined for a type that an image cannot have. */
function toElements(data: Float32Array, type: string): Float32Array | Float64Array | Uint16Array | undefined {
  if (type === 'float32') return data;
  if (type === 'float64') return Float64Array.from(data);
  if (type === 'float16') return new Uint16Array(new Float16Array(data).buffer);
  return undefined;
}

function fromElements(value: OrtTensor): Float32Array | undefined {
  const { data, type } = value;
  if (data instanceof Float32Array) return data;
  if (Array.isArray(data)) return undefined;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from({ length: data.length }, (_, i) => Number(data[i]));
  }
  if (type === 'float16' && data instanceof Uint16Array) {
    const table = float16Table();
    // Every value of 16 bits has an entry.
    return Float32Array.from(data, (bits) => table[bits] as number);
  }
  return new Float32Array(data);
}

class OnnxRuntimeSession implements Session {
  private closed = false;

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    readonly inputs: readonly TensorInfo[],
    readonly outputs: readonly TensorInfo[],
    readonly metadata: Readonly<Record<string, string>>,
  ) {}

  async run(input: Tensor, others?: OtherInputs): Promise<ReadonlyMap<string, Tensor> | Failure> {
    if (this.closed) throw new Error('the session is closed');
    const given = feedsOf(this.inputs, input, others);
    if (given instanceof Failure) return given;
    const feeds: Record<string, OrtTensor> = {};
    for (const { info, tensor } of given) {
      const elements = toElements(tensor.data, info.type);
      if (elements === undefined) {
        return failure('input-not-float', { input: info.name, type: info.type });
      }
      // The constructor takes the three types that toElements makes for these names.
      feeds[info.name] = new this.runtime.Tensor(
        info.type as 'float32',
        elements as Float32Array,
        tensor.shape,
      );
    }
    try {
      const results = await this.session.run(feeds);
      const tensors = new Map<string, Tensor>();
      for (const { name } of this.outputs) {
        const value = results[name];
        const data = value && fromElements(value);
        if (value === undefined || data === undefined) {
          return failure('not-a-tensor', { name, output: true });
        }
        tensors.set(name, { shape: value.dims, data });
      }
      return tensors;
    } catch (error) {
      return failure('model-failed', { reason: engineReason(error) });
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.session.release();
  }
}

/** Why the build cannot run on `device`; undefined if it can. */
function unsupported(runtime: OnnxRuntime, device: Device): Failure | undefined {
  const names = runtime.listSupportedBackends().map((backend) => backend.name);
  if (names.includes(device)) return undefined;
  const system = `${process.platform} ${process.arch}`;
  return failure('unknown-device', { engine: 'onnxruntime-node', device, system, devices: names });
}

function loadFailure(error: unknown, path: string | undefined, device: Device): Failure {
  const reason = engineReason(error);
  if (device === 'cuda' && reason.includes('shared library')) {
    return failure('missing-cuda-libraries', { command: INSTALL_CUDA });
  }
  return failure('model-not-loaded', { path, ...(device === 'cpu' ? {} : { device }), reason });
}

/** Begins to load the library, for a caller that needs it soon. If it cannot be loaded, the next load of a model says so. */
export function preloadOnnxRuntime(): void {
  import('onnxruntime-node').catch(() => undefined);
}

export interface OnnxRuntimeOptions {
  /**
   * Whether other threads of the process work while a model runs. Then the engine's threads wait for each other asleep: a
   * thread that waits by turning around takes a processor from the others.
   */
  readonly sharesProcessors?: boolean;
}

/**
 * The engine that uses onnxruntime-node, an optional dependency, which is imported on the first load. `load` returns the
 * module; tests replace it.
 */
export function onnxRuntimeEngine(
  load: () => Promise<OnnxRuntime> = () => import('onnxruntime-node'),
  { sharesProcessors = false }: OnnxRuntimeOptions = {},
): Engine {
  return {
    name: 'onnxruntime',
    async load(model: string | Uint8Array, options: LoadOptions = {}): Promise<Session | Failure> {
      const metadata = readOnnxMetadata(model);
      if (metadata instanceof Failure) return metadata;
      const runtime = await importRuntime(load);
      if (runtime instanceof Failure) return runtime;
      const device = options.device ?? 'cpu';
      const lacking = unsupported(runtime, device);
      if (lacking !== undefined) return lacking;
      let session: InferenceSession;
      try {
        const settings: InferenceSession.SessionOptions = {
          executionProviders: [device === 'webgpu' ? webgpuProvider(model) : device],
          logSeverityLevel: FATAL,
          // With it, the second run would allocate all values in one more block beside the memory of the first run.
          enableMemPattern: false,
          ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
          ...(sharesProcessors ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
        };
        // Neither of the two overloads takes the union of their first arguments.
        session =
          typeof model === 'string'
            ? await runtime.InferenceSession.create(model, settings)
            : await runtime.InferenceSession.create(model, settings);
      } catch (error) {
        return loadFailure(error, typeof model === 'string' ? model : undefined, device);
      }
      const inputs: TensorInfo[] = [];
      const outputs: TensorInfo[] = [];
      for (const [list, values] of [
        [inputs, session.inputMetadata],
        [outputs, session.outputMetadata],
      ] as const) {
        for (const value of values) {
          const info = tensorInfo(value);
          if (info instanceof Failure) {
            await session.release();
            return info;
          }
          list.push(info);
        }
      }
      return new OnnxRuntimeSession(runtime, session, inputs, outputs, metadata);
    },
  };
}
