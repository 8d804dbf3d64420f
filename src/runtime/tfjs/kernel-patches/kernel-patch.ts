import type { GradConfig, KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { KernelAttributes, KernelName } from './kernel-signatures.js';

/** The engines of tfjs by the names of their backends; `tensorflow` is tfjs-node, on TensorFlow's own kernels. */
export const engineNames = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

/** A replacement for something that stock tfjs gets wrong, lacks, or does very slowly. */
export interface KernelPatch {
  readonly kernel: KernelName | 'malloc';
  /** `kernel`: what the kernel computes; `gradient`: how its gradient is composed, the same in all engines. */
  readonly part: 'kernel' | 'gradient' | 'memory';
  /** What was wrong, and its effect, in a sentence. */
  readonly patches: string;
  readonly engines: readonly EngineName[];
  /** Installs the patch for one of its engines. A second call changes nothing. */
  readonly apply: (tf: Tf, engine: EngineName) => void;
}

/** What the engine passes to a kernel. Inputs that an op may omit are undefined. */
export interface KernelCall<K extends KernelName> {
  readonly inputs: Readonly<Record<string, Tensor | undefined>>;
  readonly attrs: KernelAttributes[K];
  /** The engine's KernelBackend. */
  readonly backend: unknown;
  /** The stock kernel, with the same or with other inputs and attributes. */
  readonly stock: (change?: {
    readonly inputs?: Readonly<Record<string, Tensor>>;
    readonly attrs?: Partial<KernelAttributes[K]>;
  }) => Tensor;
}

/** What the gradient tape passes to a gradient: the upstream gradient and the saved tensors, in the kernel's order. */
export interface GradientCall<K extends KernelName> {
  readonly dy: Tensor;
  readonly saved: readonly Tensor[];
  readonly attrs: KernelAttributes[K];
  readonly engine: string;
  /** The stock gradient; throws if there is none. */
  readonly stock: () => KernelGradients;
}

/** The gradient by the name of the kernel's input; computed only if it is needed. */
export type KernelGradients = Readonly<Record<string, () => Tensor>>;

/** What we registered, so that nothing is patched twice: all copies of tfjs share one registry. */
const ours = new WeakSet<object>();

export function kernelPatch<K extends KernelName>(patch: {
  readonly kernel: K;
  readonly engines: readonly EngineName[];
  readonly patches: string;
  /** The kernel's result or results. Intermediate tensors are disposed of. */
  readonly run: (tf: Tf, call: KernelCall<K>) => TensorInfo | readonly TensorInfo[];
}): KernelPatch {
  const { kernel, engines, patches, run } = patch;
  return {
    kernel,
    engines,
    patches,
    part: 'kernel',
    apply: (tf, engine) => {
      const stock: KernelConfig | undefined = tf.getKernel(kernel, engine);
      if (stock && ours.has(stock)) return;
      const config: KernelConfig = {
        ...stock,
        kernelName: kernel,
        backendName: engine,
        kernelFunc: ({ inputs, attrs, backend }) => {
          // The registry is not typed by kernel. The kernel's op in tfjs-core fixes the names and types of the
          // attributes, and Engine.runKernel passes the tensors themselves.
          const call = { inputs, attrs: attrs ?? {}, backend } as unknown as Omit<KernelCall<K>, 'stock'>;
          return tf.tidy(() => {
            const result = run(tf, {
              ...call,
              stock: (change = {}) => {
                if (!stock) throw new Error(`${engine} has no stock kernel ${kernel}`);
                const info = stock.kernelFunc({
                  inputs: { ...inputs, ...change.inputs },
                  attrs: { ...attrs, ...change.attrs },
                  backend,
                });
                const [first] = Array.isArray(info) ? info : [info];
                if (!first) throw new Error(`${kernel} of ${engine} gave nothing`);
                return asTensor(tf, first);
              },
            });
            return 'dtype' in result ? asTensor(tf, result) : result.map((info) => asTensor(tf, info));
          });
        },
      };
      ours.add(config);
      if (stock) tf.unregisterKernel(kernel, engine);
      tf.registerKernel(config);
    },
  };
}

export function gradientPatch<K extends KernelName>(patch: {
  readonly kernel: K;
  readonly engines: readonly EngineName[];
  readonly patches: string;
  /** Which inputs the tape saves, if the stock gradient does not say so or does not exist. */
  readonly saves?: Pick<GradConfig, 'inputsToSave' | 'outputsToSave'>;
  readonly gradient: (tf: Tf, call: GradientCall<K>) => KernelGradients;
}): KernelPatch {
  const { kernel, engines, patches, saves, gradient } = patch;
  return {
    kernel,
    engines,
    patches,
    part: 'gradient',
    apply: (tf) => {
      const stock: GradConfig | undefined = tf.getGradient(kernel);
      if (stock && ours.has(stock)) return;
      const config: GradConfig = {
        ...stock,
        ...saves,
        kernelName: kernel,
        gradFunc: (dy, saved, attrs) => {
          // There is one upstream gradient, because none of these kernels has several results.
          const call = { dy, saved, attrs, engine: tf.getBackend() } as unknown as Omit<
            GradientCall<K>,
            'stock'
          >;
          // A GradFunc returns functions by name, which the tape calls; its type says tensors by name. Hence
          // `as unknown as KernelGradients` and `as unknown as ReturnType<GradConfig['gradFunc']>`.
          return gradient(tf, {
            ...call,
            stock: () => {
              if (!stock) throw new Error(`tfjs has no gradient of ${kernel}`);
              return stock.gradFunc(dy, saved, attrs) as unknown as KernelGradients;
            },
          }) as unknown as ReturnType<GradConfig['gradFunc']>;
        },
      };
      ours.add(config);
      tf.registerGradient(config);
    },
  };
}

/** An input that the kernel's op always passes. */
export function required(inputs: Readonly<Record<string, Tensor | undefined>>, name: string): Tensor {
  const tensor = inputs[name];
  if (!tensor) throw new Error(`the kernel was called without ${name}`);
  return tensor;
}

/** A saved tensor of a gradient. */
export function savedTensor(saved: readonly Tensor[], index: number): Tensor {
  const tensor = saved[index];
  if (!tensor) throw new Error(`the gradient was called without its saved tensor ${index}`);
  return tensor;
}

/** A kernel may return a tensor or a bare description of one; `tidy` disposes of tensors only. */
function asTensor(tf: Tf, info: TensorInfo): Tensor {
  // Of the two, only a tensor knows its rank.
  return 'rank' in info ? (info as Tensor) : tf.engine().makeTensorFromTensorInfo(info);
}
