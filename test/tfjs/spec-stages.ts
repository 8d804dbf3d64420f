import { beforeAll, describe, expect, test } from 'vitest';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { type SpecFile, specText } from '../specs/spec-files.js';
import { StageCheck } from './check-tfjs.js';
import { type EngineName, engines, useEngine } from './run-tfjs.js';

/** The multiply-adds of the largest network that each engine runs. */
export type LargestMacs = Readonly<Record<EngineName, number>>;

/** A network at the top of specs/ with an eighth of its channels, at a small input. */
function narrow(file: SpecFile, name: string, input: string): CompiledNetwork {
  const text = `${specText(file)}\nunet ${name}Narrow extends ${name} { channels = 8 }\n`;
  const [network] = compile(file, text, { network: `${name}Narrow`, input }).networks;
  if (!network) throw new Error('it compiles');
  return network;
}

export const narrow3D = narrow('unet3d.unet', 'UNet3D', '3 x 92 x 92 x 100');

/** The networks at the top of specs/ with few channels. */
export const narrowNetworks: readonly CompiledNetwork[] = [
  narrow('unet2d.unet', 'UNet2D', '1 x 188 x 204'),
  narrow('unet2d-padded.unet', 'UNet2DPadded', '1 x 32 x 48'),
  narrow('unet2d-padded.unet', 'UNet2DPaddedBilinear', '1 x 32 x 48'),
  narrow3D,
];

/** Compares every stage of networks on each engine with onnxruntime. */
export function describeStages(networks: readonly CompiledNetwork[], largestMacs: LargestMacs): void {
  const checks = new Map<CompiledNetwork, Promise<StageCheck>>();
  const checkOf = (network: CompiledNetwork) => {
    const check = checks.get(network) ?? StageCheck.of(network, 1);
    checks.set(network, check);
    return check;
  };
  describe.each(engines)('on %s every stage equals onnxruntime', (engine) => {
    let tf: Tf;
    beforeAll(async () => {
      tf = await useEngine(engine);
    });

    test.each(networks.filter(({ facts }) => facts.macs <= largestMacs[engine]))('$name', async (network) => {
      const check = await checkOf(network);
      expect(await check.problems(tf)).toEqual([]);
    });
  });
}
