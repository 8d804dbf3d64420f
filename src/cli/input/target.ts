import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CompiledNetwork, CompileResult } from '../../compiler/compile.js';
import type { RunPass } from '../../compiler/pass.js';
import { CompileSession } from '../../compiler/session.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { checkJson } from '../../diagnostics/render/json.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { nodeHost } from '../../runtime/files/node-host.js';
import { reportDiagnostics, reportNote } from '../output/output.js';

/** Options that change a spec from outside, which most commands take. */
export interface TargetOptions {
  readonly set?: readonly string[];
  readonly input?: string;
}

export function addSetOption(command: Command): Command {
  return command.option('--set <name=value>', 'override a `param`; may be given several times', collect);
}

export function addInputOption(command: Command): Command {
  return command.option('--input <size>', 'replace the input, such as "1 x 188 x 188"');
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** `--set a=1 --set b=2` as an object. */
export function readSets(sets: readonly string[] | undefined): Record<string, string> | Failure {
  const result: Record<string, string> = {};
  for (const text of sets ?? []) {
    const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      return failure('invalid-option-value', { option: '--set', value: text, wanted: { form: 'setting' } });
    }
    result[name] = value;
  }
  return result;
}

/** What the options replace, as the subject of a sentence: "the input and `base` are". */
export function outsideText({ set = [], input }: TargetOptions): string {
  const names = set.map((text) => text.split('=')[0]?.trim());
  const parts = [...(input === undefined ? [] : ['the input']), ...names.map((name) => `\`${name}\``)];
  return `${parts.join(' and ')} ${parts.length === 1 ? 'is' : 'are'}`;
}

/** The text of a spec. */
export function readSpec(path: string): string | Failure {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fileFailure('read', path, error);
  }
}

/** The two parts of `file.unet#Name`. */
export function splitTarget(target: string): { readonly path: string; readonly name: string | undefined } {
  const hash = target.lastIndexOf('#');
  return hash < 0
    ? { path: target, name: undefined }
    : { path: target.slice(0, hash), name: target.slice(hash + 1) };
}

/**
 * Compiles `FILE` or `FILE#NET` to one network, and reports its diagnostics. A command that only shows facts goes on
 * if an expectation fails: the user asked for the facts.
 */
export function compileTarget(
  target: string,
  options: TargetOptions,
  expectations: 'must hold' | 'may fail' = 'must hold',
  run?: RunPass,
): CompiledNetwork | Failure {
  const compiled = compileWhole(target, options, expectations, run);
  return compiled instanceof Failure ? compiled : compiled.network;
}

/** As compileTarget, with the whole result of the compilation. */
export function compileWhole(
  target: string,
  options: TargetOptions,
  expectations: 'must hold' | 'may fail' = 'must hold',
  run?: RunPass,
): { readonly network: CompiledNetwork; readonly result: CompileResult } | Failure {
  const { path, name } = splitTarget(target);
  const text = readSpec(path);
  if (text instanceof Failure) return text;
  const set = readSets(options.set);
  if (set instanceof Failure) return set;
  const session = new CompileSession(path, text, {
    host: nodeHost,
    set,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(run ? { run } : {}),
  });
  const { names } = session;
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined && names.length > 1) {
    return failure('network-not-chosen', { path, networks: names });
  }
  if (wanted !== undefined && names.length > 0 && !names.includes(wanted)) {
    const nearest = didYouMean(wanted, names);
    return failure('unknown-network', { path, network: wanted, networks: names, nearest });
  }
  const result = session.compile(wanted);
  reportDiagnostics(result.diagnostics);
  const stops = ({ severity, code }: Diagnostic) =>
    severity === 'error' && (expectations === 'must hold' || code !== 'expectation-failed');
  if (result.diagnostics.some(stops)) {
    const { errors, diagnostics } = checkJson(result.diagnostics);
    return failure('spec-invalid', { path, errors, diagnostics });
  }
  const network = result.networks.find((one) => one.name === wanted);
  if (!network) return failure('no-network', { path });
  if (result.expectationsLeftOut && network.spec.expects.length > 0) {
    reportNote(
      `the expectations of ${network.name} are not checked, because ${outsideText(options)} set on the command line`,
    );
  }
  return { network, result };
}
