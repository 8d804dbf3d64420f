import type { Tf } from '../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { type FoundPackage, findPackage, requireFrom } from '../files/packages.js';
import { installCommand, TFJS_VERSION, type TfjsEngineKind } from './engines/engine-kinds.js';

/** The failure of an engine whose package is not installed. */
export function notInstalled(name: string, kind: TfjsEngineKind): Failure {
  return failure('engine-not-installed', { package: name, command: installCommand(kind) });
}

/** Whether an engine fails only because it is not installed. */
export function isAbsence({ code }: Failure): boolean {
  return code === 'engine-not-installed';
}

/**
 * The package's CommonJS exports, or why it does not load. Warnings while it loads are not shown: a second copy of
 * TensorFlow.js warns about every kernel, and the dependencies of tfjs-node cause deprecation warnings of Node.
 */
export function loadPackage({ name, folder, version }: FoundPackage): unknown | Failure {
  const { warn } = console;
  const { noDeprecation = false } = process;
  console.warn = () => {};
  process.noDeprecation = true;
  try {
    return requireFrom(folder)(folder);
  } catch (error) {
    return failure('engine-not-loaded', { package: name, version, reason: reasonOf(error) });
  } finally {
    console.warn = warn;
    process.noDeprecation = noDeprecation;
  }
}

/** `@tensorflow/tfjs`, with a warning if it is not the release that we test with. */
export function loadTf(
  from: readonly string[],
  kind: TfjsEngineKind,
): { readonly tf: Tf; readonly warnings: readonly string[] } | Failure {
  const found = findPackage('@tensorflow/tfjs', from);
  if (found === undefined) return notInstalled('@tensorflow/tfjs', kind);
  const exports = loadPackage(found);
  if (exports instanceof Failure) return exports;
  const warnings =
    found.version === TFJS_VERSION
      ? []
      : [`@tensorflow/tfjs ${found.version} was found; unet is tested with ${TFJS_VERSION}`];
  // The package exports the namespace that its declarations describe.
  return { tf: exports as Tf, warnings };
}
