import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type CompileResult, compile } from '../../compiler/compile.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { Failure, reasonOf } from '../../diagnostics/failure.js';
import { renderGithub } from '../../diagnostics/render/github.js';
import { checkJson } from '../../diagnostics/render/json.js';
import { renderSarif } from '../../diagnostics/render/sarif.js';
import { renderText, summaryText } from '../../diagnostics/render/text.js';
import { nodeHost } from '../../runtime/files/node-host.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import {
  addInputOption,
  addSetOption,
  outsideText,
  readSets,
  readSpec,
  sayDiagnostics,
  splitTarget,
} from '../input/target.js';
import { fail, print, say, usageError, wantsColor } from '../output/output.js';
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
      .option('--json', 'print the diagnostics as JSON')
      .option('--format <format>', formats.join(', '), 'text')
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
      done(options.watch ? await checkForever(files, options) : (await checkOnce(files, options)).code);
    });
  },
};

interface Round {
  readonly code: ExitCode;
  /** Every file that was read. */
  readonly files: readonly string[];
}

async function checkOnce(targets: readonly string[], options: Options): Promise<Round> {
  const format = options.json ? 'json' : formats.find((one) => one === options.format);
  if (!format)
    return { code: usageError(`--format takes ${formats.join(', ')}, not \`${options.format}\``), files: [] };
  const artifact = artifacts.find((one) => one === options.print);
  if (options.print !== undefined && !artifact) {
    const message = `--print takes ${artifacts.join(', ')}, not \`${options.print}\``;
    return { code: usageError(message), files: [] };
  }
  if (artifact && format !== 'text') {
    return { code: usageError('--print prints text: leave out --json and --format'), files: [] };
  }
  const set = readSets(options.set);
  if (set instanceof Failure) return { code: usageError(set.message), files: [] };
  const timer = timerFor(options);
  const results: CompileResult[] = [];
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  let failed = false;
  let leftOut = false;
  let networks = 0;
  for (const target of targets) {
    const { path, name } = splitTarget(target);
    files.push(path);
    const text = readSpec(path);
    if (text instanceof Failure) {
      say(`unet: ${text.message}`);
      failed = true;
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
      return {
        code: usageError(`${path} has no network \`${name}\`; it has ${result.names.join(', ') || 'none'}`),
        files,
      };
    }
    // One by one: a call cannot take as many arguments as a text can have warnings.
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    files.push(...result.files);
    networks += result.networks.length;
    leftOut ||= result.expectationsLeftOut;
  }
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  switch (format) {
    case 'text':
      // Standard output holds one result: with --print that is the artifact.
      if (artifact) sayDiagnostics(diagnostics);
      else if (diagnostics.length > 0) print(renderText(diagnostics, { color: wantsColor(process.stdout) }));
      if (leftOut) say(`note: expectations are left out, because ${outsideText(options)} set from outside`);
      say(
        diagnostics.length > 0
          ? summaryText(diagnostics)
          : failed
            ? 'not every file could be read'
            : `${networks} ${networks === 1 ? 'network' : 'networks'} in ${targets.length} ${targets.length === 1 ? 'file' : 'files'}: no errors`,
      );
      break;
    case 'json':
      printJsonResult(checkJson(diagnostics), timer);
      break;
    case 'sarif':
      print(renderSarif(diagnostics));
      break;
    case 'github':
      if (diagnostics.length > 0) print(renderGithub(diagnostics));
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
  return { code: errors > 0 || failed ? 1 : 0, files };
}

/** Checks again after each change of a file that was read; ends with Ctrl-C, or where a folder can't be watched. */
async function checkForever(targets: readonly string[], options: Options): Promise<ExitCode> {
  let round = await checkOnce(targets, options);
  if (round.code === 2) return 2;
  for (;;) {
    const failure = await nextChange(round.files);
    if (failure) return fail(failure);
    if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
    say(`${new Date().toLocaleTimeString()} a file changed`);
    round = await checkOnce(targets, options);
  }
}

/** Waits until one of the files changes. Folders are watched: editors replace files instead of writing them. */
function nextChange(files: readonly string[]): Promise<Failure | undefined> {
  const folders = new Set(files.filter((file) => !file.startsWith('std/')).map((file) => dirname(file)));
  const watchers: FSWatcher[] = [];
  return new Promise((resolve) => {
    const end = (failure?: Failure) => {
      for (const watcher of watchers) watcher.close();
      resolve(failure);
    };
    for (const folder of folders) {
      const broken = (error: unknown) => end(new Failure(`cannot watch ${folder}: ${reasonOf(error)}`));
      try {
        const watcher = watch(folder, (_event, name) => {
          // One save is often several events: wait until they are over.
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
