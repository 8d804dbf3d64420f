import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type CompileResult, compile } from '../../compiler/compile.js';
import type { CodeArguments } from '../../diagnostics/codes.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { renderGithub } from '../../diagnostics/render/github.js';
import { checkJson } from '../../diagnostics/render/json.js';
import { renderSarif } from '../../diagnostics/render/sarif.js';
import { renderText, summaryText } from '../../diagnostics/render/text.js';
import { SourceFile } from '../../diagnostics/source-file.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { countedText } from '../../diagnostics/wording.js';
import { nodeHost } from '../../runtime/files/node-host.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import {
  addInputOption,
  addSetOption,
  outsideText,
  readSets,
  readSpec,
  splitTarget,
} from '../input/target.js';
import { print, report, reportDiagnostics, reportFailure, reportNote, wantsColor } from '../output/output.js';
import { addStatsOption, printJsonResult, printStats, type StatsOptions, timerFor } from '../output/stats.js';

interface Options extends StatsOptions {
  readonly set?: readonly string[];
  readonly input?: string;
  readonly json?: boolean;
  readonly format?: string;
  readonly print?: string;
  readonly watch?: boolean;
}

const formats = ['text', 'json', 'sarif', 'github'] as const;
const artifacts = ['spec', 'graph', 'step'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<files...>', 'specs, each FILE or FILE#NET')
      .option('--json', 'print the diagnostics as JSON, as --format json')
      .option('--format <format>', `the form of the diagnostics: ${formats.join(', ')}`, 'text')
      .option('--print <artifact>', `print what the compiler made: ${artifacts.join(', ')}`)
      .option('--watch', 'check again whenever a file changes');
    addSetOption(command);
    addInputOption(command);
    addStatsOption(command);
    examples(command, [
      'unet check specs/*.unet',
      'unet check specs/unet2d.unet --json',
      'unet check specs/unet2d.unet --print graph',
      'unet check net.unet --watch',
    ]);
    command.action(async (files: string[], options: Options) => {
      done(options.watch ? await checkForever(files, options) : (await checkOnce(files, options)).outcome);
    });
  },
};

interface Round {
  readonly outcome: Outcome;
  /** Every file that was read. */
  readonly files: readonly string[];
}

async function checkOnce(targets: readonly string[], options: Options): Promise<Round> {
  const format = options.json ? 'json' : formats.find((one) => one === options.format);
  if (!format) {
    return wrongValue({ option: '--format', value: options.format ?? '', wanted: { oneOf: formats } });
  }
  const artifact = artifacts.find((one) => one === options.print);
  if (options.print !== undefined && !artifact) {
    return wrongValue({ option: '--print', value: options.print, wanted: { oneOf: artifacts } });
  }
  if (artifact && format !== 'text') {
    const other = options.json ? '--json' : '--format';
    return { outcome: failure('conflicting-options', { options: ['--print', other] }), files: [] };
  }
  const set = readSets(options.set);
  if (set instanceof Failure) return { outcome: set, files: [] };
  const timer = timerFor(options);
  const results: CompileResult[] = [];
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  const unread: Diagnostic[] = [];
  let leftOut = false;
  let networks = 0;
  for (const target of targets) {
    const { path, name } = splitTarget(target);
    files.push(path);
    const text = readSpec(path);
    if (text instanceof Failure) {
      reportFailure(text);
      unread.push(diagnosticOf(text, path));
      continue;
    }
    const result = compile(path, text, {
      host: nodeHost,
      set,
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(name === undefined ? {} : { network: name }),
      ...(timer ? { run: timer.run } : {}),
    });
    results.push(result);
    if (name !== undefined && !result.names.includes(name)) {
      const nearest = didYouMean(name, result.names);
      const outcome = failure('unknown-network', { path, network: name, networks: result.names, nearest });
      return { outcome, files };
    }
    // One by one, because a text may have more warnings than a call can have arguments.
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    files.push(...result.files);
    networks += result.networks.length;
    leftOut ||= result.expectationsLeftOut;
  }
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const all = [...unread, ...diagnostics];
  switch (format) {
    case 'text':
      // Standard output holds one result: with --print that is the artifact.
      if (artifact) reportDiagnostics(diagnostics);
      else if (diagnostics.length > 0) print(renderText(diagnostics, { color: wantsColor(process.stdout) }));
      if (leftOut)
        reportNote(`expectations are not checked, because ${outsideText(options)} set on the command line`);
      report(
        diagnostics.length > 0
          ? summaryText(diagnostics)
          : unread.length > 0
            ? 'not every file could be read'
            : `${countedText(networks, 'network')} in ${countedText(targets.length, 'file')}: no errors`,
      );
      break;
    case 'json':
      printJsonResult(checkJson(all), timer);
      break;
    case 'sarif':
      print(renderSarif(all));
      break;
    case 'github':
      if (all.length > 0) print(renderGithub(all));
      break;
    default:
      format satisfies never;
  }
  if (artifact) {
    // Loaded only here: everyone who checks a spec would wait for the training step.
    const { printArtifacts } = await import('../output/print-artifacts.js');
    printArtifacts(artifact, results);
  }
  if (format !== 'json') printStats(timer);
  return { outcome: errors > 0 || unread.length > 0 ? 1 : 0, files };
}

/** A round that ended before it began, with an option that does not accept its value. */
function wrongValue(args: CodeArguments<'invalid-option-value'>): Round {
  return { outcome: failure('invalid-option-value', args), files: [] };
}

/** An unreadable file as a diagnostic at its beginning, for tools that take only diagnostics. */
function diagnosticOf({ code, message, args, help }: Failure, path: string): Diagnostic {
  const span = { file: new SourceFile(path, ''), start: 0, end: 0 };
  return {
    code,
    severity: 'error',
    message,
    args,
    span,
    ...(help === undefined ? {} : { help }),
    notes: [],
    fixes: [],
  };
}

/** Checks again after each change of a file that it read. Ends with Ctrl-C, or if a folder cannot be watched. */
async function checkForever(targets: readonly string[], options: Options): Promise<Outcome> {
  let round = await checkOnce(targets, options);
  if (round.outcome instanceof Failure) return round.outcome;
  for (;;) {
    const unwatched = await nextChange(round.files);
    if (unwatched) return unwatched;
    if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
    report(`${new Date().toLocaleTimeString()} a file changed`);
    round = await checkOnce(targets, options);
    // The network may be missing after this change; the next change may restore it.
    if (round.outcome instanceof Failure) reportFailure(round.outcome);
  }
}

/** Waits until one of the files changes. It watches folders, because editors replace files instead of writing them. */
function nextChange(files: readonly string[]): Promise<Failure | undefined> {
  const folders = new Set(files.filter((file) => !file.startsWith('std/')).map((file) => dirname(file)));
  const watchers: FSWatcher[] = [];
  return new Promise((resolve) => {
    const end = (unwatched?: Failure) => {
      for (const watcher of watchers) watcher.close();
      resolve(unwatched);
    };
    for (const folder of folders) {
      const broken = (error: unknown) =>
        end(failure('folder-unwatchable', { folder, reason: reasonOf(error) }));
      try {
        const watcher = watch(folder, (_event, name) => {
          // One save often causes several events: wait until they end.
          if (name === null || name.endsWith('.unet')) setTimeout(end, 50);
        });
        watchers.push(watcher.on('error', broken));
      } catch (error) {
        broken(error);
        return;
      }
    }
  });
}
