import type { GradConfig, KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { KernelAttributes, KernelName } from './kernel-signatures.js';

/** The engines of tfjs by the names of their backends; `tensorflow` is tfjs-node, on TensorFlow's own kernels. */
export const engineNames = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

/** A replacement of something that stock tfjs has wrong, lacks or is very slow at. */
export interface KernelPatch {
  readonly kernel: KernelName | 'malloc';
  /** `kernel`: what the kernel computes; `gradient`: how its gradient is composed, in all engines alike. */
  readonly part: 'kernel' | 'gradient' | 'memory';
  /** What was wrong and what came of it, in a sentence. */
  readonly patches: string;
  readonly engines: readonly EngineName[];
  /** Puts it in place for one of its engines. Doing so again changes nothing. */
  readonly apply: (tf: Tf, engine: EngineName) => void;
}

/** What the engine hands a kernel. Inputs that an op may leave out are undefined. */
export interface KernelCall<K extends KernelName> {
  readonly inputs: Readonly<Record<string, Tensor | undefined>>;
  readonly attrs: KernelAttributes[K];
  /** The engine's KernelBackend. */
  readonly backend: unknown;
  /** The stock kernel, with the same inputs and other attributes or with other inputs. */
  readonly stock: (change?: {
    readonly inputs?: Readonly<Record<string, Tensor>>;
    readonly attrs?: Partial<KernelAttributes[K]>;
  }) => Tensor;
}

/** What the tape hands a gradient: the upstream gradient and the tensors it saved, in the order of the kernel. */
export interface GradientCall<K extends KernelName> {
  readonly dy: Tensor;
  readonly saved: readonly Tensor[];
  readonly attrs: KernelAttributes[K];
  readonly engine: string;
  /** The stock gradient; throws where there is none. */
  readonly stock: () => KernelGradients;
}

/** The gradient by the name of the kernel's input; computed only where it is needed. */
export type KernelGradients = Readonly<Record<string, () => Tensor>>;

/** What was registered from here, so that nothing is patched twice: the registry is one for all copies of tfjs. */
const ours = new WeakSet<object>();

export function kernelPatch<K extends KernelName>(patch: {
  readonly kernel: K;
  readonly engines: readonly EngineName[];
  readonly patches: string;
  /** The kernel's result or results. Tensors made on the way are disposed of. */
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
          // The registry is not typed by the kernel: its op in tfjs-core fixes the names and types of attributes,
          // and Engine.runKernel hands over the tensors themselves.
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
  /** Which inputs are saved for it, where the stock gradient does not say or there is none. */
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

/** A kernel's input that its op always gives. */
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

/** A kernel may give a tensor or a bare description of one; only tensors are disposed of at the end of a tidy. */
function asTensor(tf: Tf, info: TensorInfo): Tensor {
  // Of the two, only a tensor knows its rank.
  return 'rank' in info ? (info as Tensor) : tf.engine().makeTensorFromTensorInfo(info);
}
