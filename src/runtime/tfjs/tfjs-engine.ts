import type { LayersModel } from '@tensorflow/tfjs';
import { registerLayers } from '../../../codegen/tfjs/layers/register.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { textEntries } from '../../weights/json-text.js';
import { type Engine, type LoadOptions, type Session, TFJS_DEVICES } from '../engine.js';
import { type StartOptions, startTfjs } from './engines/start.js';
import { modelJsonPath, readModelFolder } from './model-folder.js';
import { sessionOf } from './session.js';

export interface TfjsEngineOptions {
  /** Called with each warning for the user, such as why a faster engine was not used. */
  readonly onWarning?: (warning: string) => void;
  /** Folders whose node_modules, and those of their parents, are searched instead of the default ones. */
  readonly from?: readonly string[];
}

/**
 * The engine that uses TensorFlow.js, for a LayersModel by the path of its model.json or of its folder. TensorFlow.js is an
 * optional dependency, which is imported on the first load.
 */
export function tfjsEngine(options: TfjsEngineOptions = {}): Engine {
  return {
    name: 'tfjs',
    async load(model: string | Uint8Array, settings: LoadOptions = {}): Promise<Session | Failure> {
      if (typeof model !== 'string') return failure('model-from-bytes', {});
      const start = startOptions(options, settings);
      if (start instanceof Failure) return start;
      // Read before an engine starts, so that a wrong path fails at once.
      const artifacts = readModelFolder(model);
      if (artifacts instanceof Failure) return artifacts;
      const engine = await startTfjs(start);
      if (engine instanceof Failure) return engine;
      for (const warning of engine.warnings) options.onWarning?.(warning);
      registerLayers(engine.tf);
      let loaded: LayersModel;
      try {
        loaded = await engine.tf.loadLayersModel(engine.tf.io.fromMemory(artifacts));
      } catch (error) {
        await engine.close();
        return failure('model-not-loaded', { path: modelJsonPath(model), reason: reasonOf(error) });
      }
      return sessionOf(engine, loaded, textEntries(artifacts.userDefinedMetadata));
    },
  };
}

function startOptions({ from }: TfjsEngineOptions, { device, threads }: LoadOptions): StartOptions | Failure {
  const known = TFJS_DEVICES.find((one) => one === device);
  if (device !== undefined && known === undefined) {
    return failure('unknown-device', { engine: 'TensorFlow.js', device, devices: TFJS_DEVICES });
  }
  return {
    ...(known === undefined ? {} : { device: known }),
    ...(threads === undefined ? {} : { threads }),
    ...(from === undefined ? {} : { from }),
  };
}
