import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { compile } from '../../compiler/compile.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { Failure, reasonOf } from '../../diagnostics/failure.js';
import { renderGithub } from '../../diagnostics/render/github.js';
import { renderJson } from '../../diagnostics/render/json.js';
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
  splitTarget,
} from '../input/target.js';
import { fail, print, say, usageError, wantsColor } from '../output/output.js';

interface Options {
  readonly set?: readonly string[];
  readonly input?: string;
  readonly json?: boolean;
  readonly format?: string;
  readonly watch?: boolean;
}

const formats = ['text', 'json', 'sarif', 'github'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<files...>', 'specs, each FILE or FILE#NET')
      .option('--json', 'print the diagnostics as JSON')
      .option('--format <format>', formats.join(', '), 'text')
      .option('--watch', 'check again whenever a file changes');
    addSetOption(command);
    addInputOption(command);
    examples(command, [
      'unet check specs/*.unet',
      'unet check specs/unet2d.unet --json',
      'unet check net.unet --watch',
    ]);
    command.action(async (files: string[], options: Options) => {
      done(options.watch ? await checkForever(files, options) : checkOnce(files, options).code);
    });
  },
};

interface Round {
  readonly code: ExitCode;
  /** Every file that was read. */
  readonly files: readonly string[];
}

function checkOnce(targets: readonly string[], options: Options): Round {
  const format = options.json ? 'json' : formats.find((one) => one === options.format);
  if (!format)
    return { code: usageError(`--format takes ${formats.join(', ')}, not \`${options.format}\``), files: [] };
  const set = readSets(options.set);
  if (set instanceof Failure) return { code: usageError(set.message), files: [] };
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
    });
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
      if (diagnostics.length > 0) print(renderText(diagnostics, { color: wantsColor(process.stdout) }));
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
      print(renderJson(diagnostics));
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
  return { code: errors > 0 || failed ? 1 : 0, files };
}

/** Checks again after each change of a file that was read; ends with Ctrl-C, or where a folder can't be watched. */
async function checkForever(targets: readonly string[], options: Options): Promise<ExitCode> {
  let round = checkOnce(targets, options);
  if (round.code === 2) return 2;
  for (;;) {
    const failure = await nextChange(round.files);
    if (failure) return fail(failure);
    if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
    say(`${new Date().toLocaleTimeString()} a file changed`);
    round = checkOnce(targets, options);
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
