import { Failure, withHelp } from '../../../diagnostics/failure.js';
import { searchFolders } from '../../files/packages.js';
import { isAbsence } from '../packages.js';
import { capabilitiesOf } from './capabilities.js';
import type { TfjsEngineKind } from './engine-kinds.js';
import { startKind } from './start.js';
import type { StarterOptions } from './started.js';

/** The result of trying an engine. */
export interface EngineReport {
  /** Whether it computes. */
  readonly works: boolean;
  /** Whether its packages are installed. */
  readonly installed: boolean;
  /** The engine in use, for people: "wasm with 2 threads". */
  readonly name?: string;
  readonly version?: string;
  /** Why it does not work. */
  readonly reason?: string;
  /** The numbers of spatial axes that it can run, and that it can train. */
  readonly runs: readonly number[];
  readonly trains: readonly number[];
  /** Whether a GPU computes; omitted if unknown. */
  readonly usesGpu?: boolean;
  readonly warnings: readonly string[];
}

/** The report on an engine that does not work. */
export function failedReport(failure: Failure): EngineReport {
  const installed = !isAbsence(failure);
  return { works: false, installed, reason: withHelp(failure), runs: [], trains: [], warnings: [] };
}

/**
 * Starts an engine, tries what it can do, and closes it. Run it in its own process: a native library may end the process,
 * and a package that works only in part breaks TensorFlow.js for the other engines.
 */
export async function probeEngine(
  kind: TfjsEngineKind,
  options: StarterOptions = { from: searchFolders() },
): Promise<EngineReport> {
  const started = await startKind(kind, options);
  if (started instanceof Failure) return failedReport(started);
  const { name, version, warnings, usesGpu } = started;
  const capabilities = await capabilitiesOf(started.tf);
  await started.close();
  return {
    works: true,
    installed: true,
    name,
    version,
    ...capabilities,
    ...(usesGpu === undefined ? {} : { usesGpu }),
    warnings,
  };
}
