import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import { onnx } from '../../../codegen/onnx/proto.js';

type NodeFields = NonNullable<Parameters<typeof onnx.NodeProto.create>[0]>;

/**
 * The settings that run a model on WebGPU. They keep on the CPU the nodes that the kernels of WebGPU accept but fail on:
 * with onnxruntime-node 1.30, three-dimensional convolutions that are transposed or have groups. Ops without a kernel go
 * to the CPU by themselves.
 *
 * @param model the path of an ONNX file, or its bytes
 */
export function webgpuProvider(model: string | Uint8Array): InferenceSession.WebGpuExecutionProviderOption {
  const onCpu = gaps(model);
  // The engine does not accept an empty list.
  return { name: 'webgpu', ...(onCpu.length > 0 ? { forceCpuNodeNames: onCpu } : {}) };
}

function gaps(model: string | Uint8Array): readonly string[] {
  const bytes = typeof model === 'string' ? readFileSync(model) : model;
  const { graph } = onnx.ModelProto.decode(bytes);
  return (graph?.node ?? []).flatMap((node) => (node.name && isGap(node) ? [node.name] : []));
}

function isGap({ opType, attribute }: NodeFields): boolean {
  const named = (wanted: string) => attribute?.find(({ name }) => name === wanted);
  const rank = named('kernel_shape')?.ints?.length ?? 0;
  return (
    rank > 2 && (opType === 'ConvTranspose' || (opType === 'Conv' && Number(named('group')?.i ?? 1) > 1))
  );
}
