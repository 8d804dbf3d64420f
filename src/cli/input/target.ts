import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CompiledNetwork, CompileResult } from '../../compiler/compile.js';
import type { RunPass } from '../../compiler/pass.js';
import { CompileSession } from '../../compiler/session.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import { renderText } from '../../diagnostics/render/text.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { nodeHost } from '../../runtime/files/node-host.js';
import type { ExitCode } from '../command.js';
import { fail, say, usageError, wantsColor } from '../output/output.js';

/** Options that change a spec from outside, which most commands take. */
export interface TargetOptions {
  readonly set?: readonly string[];
  readonly input?: string;
}

export function addSetOption(command: Command): Command {
  return command.option('--set <name=value>', 'set a `param`; may be given several times', collect);
}

export function addInputOption(command: Command): Command {
  return command.option('--input <size>', 'another input, such as "1 x 188 x 188"');
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** `--set a=1 --set b=2` as an object, or what is wrong with it. */
export function readSets(sets: readonly string[] | undefined): Record<string, string> | Failure {
  const result: Record<string, string> = {};
  for (const text of sets ?? []) {
    const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      return new Failure(`--set takes name=value, not \`${text}\``);
    result[name] = value;
  }
  return result;
}

/** What was changed from outside, as the subject of a sentence: "the input and `base` are". */
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

/** `file.unet#Name` taken apart. */
export function splitTarget(target: string): { readonly path: string; readonly name: string | undefined } {
  const hash = target.lastIndexOf('#');
  return hash < 0
    ? { path: target, name: undefined }
    : { path: target.slice(0, hash), name: target.slice(hash + 1) };
}

/** Diagnostics as text on standard error. */
export function sayDiagnostics(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  say(renderText(diagnostics, { color: wantsColor(process.stderr) }).trimEnd());
}

/**
 * Compiles `FILE` or `FILE#NET` to the one network that is meant. What is wrong has been said when the result is
 * an exit code. A command that only shows facts goes on where an expectation fails: the facts are what is asked for.
 */
export function compileTarget(
  target: string,
  options: TargetOptions,
  expectations: 'must hold' | 'may fail' = 'must hold',
  run?: RunPass,
): CompiledNetwork | ExitCode {
  const compiled = compileWhole(target, options, expectations, run);
  return typeof compiled === 'number' ? compiled : compiled.network;
}

/** As compileTarget, with everything else that the compilation gave. */
export function compileWhole(
  target: string,
  options: TargetOptions,
  expectations: 'must hold' | 'may fail' = 'must hold',
  run?: RunPass,
): { readonly network: CompiledNetwork; readonly result: CompileResult } | ExitCode {
  const { path, name } = splitTarget(target);
  const text = readSpec(path);
  if (text instanceof Failure) return fail(text);
  const set = readSets(options.set);
  if (set instanceof Failure) return usageError(set.message);
  const session = new CompileSession(path, text, {
    host: nodeHost,
    set,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(run ? { run } : {}),
  });
  const { names } = session;
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined && names.length > 1) {
    say(`unet: ${path} has ${names.length} networks; say which one:`);
    for (const one of names) say(`  ${path}#${one}`);
    return 2;
  }
  if (wanted !== undefined && names.length > 0 && !names.includes(wanted)) {
    const near = didYouMean(wanted, names);
    say(
      `unet: ${path} has no network \`${wanted}\`${near ? `: did you mean \`${near}\`? It has` : '; it has'}:`,
    );
    for (const one of names) say(`  ${path}#${one}`);
    return 2;
  }
  const result = session.compile(wanted);
  sayDiagnostics(result.diagnostics);
  const stops = ({ severity, code }: Diagnostic) =>
    severity === 'error' && (expectations === 'must hold' || code !== 'expectation-failed');
  if (result.diagnostics.some(stops)) return 1;
  const network = result.networks.find((one) => one.name === wanted);
  if (!network) return fail(`${path} has no network`);
  if (result.expectationsLeftOut && network.spec.expects.length > 0) {
    say(
      `note: the expectations of ${network.name} are left out, because ${outsideText(options)} set from outside`,
    );
  }
  return { network, result };
}
