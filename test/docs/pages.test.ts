import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';
import { type Fence, type Page, pages, root } from './markdown.js';
import { ensureBuilt, Sandbox } from './sandbox.js';
import { matches, refreshed } from './transcript.js';

/**
 * Runs everything that a page shows, from top to bottom, in a folder of its own:
 *
 * - ```sh: lines that begin with `$ ` are commands (npm's and git's are not run); lines without are not run.
 * - ```text or ```json behind it: the output. `...` on a line stands for any lines; times are not compared.
 *   A command that fails says so: `# exits with 1` behind it, or `; echo "exit code $?"`.
 * - ```unet: compiles without a diagnostic, or with exactly those that comments name: `// error: code`,
 *   `// warning: code`. With a name behind `unet` the file is there for the commands below. A block without a
 *   declaration is the inside of a network.
 * - ```ts: runs as a module; a ```text behind it is what it prints.
 *
 * With UPDATE_DOCS=1 the outputs are written into the pages instead.
 */
const update = process.env.UPDATE_DOCS === '1';

beforeAll(ensureBuilt);

const run = ['sh', 'ts', 'unet'];
const examples = pages().filter(({ fences }) => fences.some(({ language }) => run.includes(language)));

describe.each(examples.map((one) => ({ name: one.path, one })))('$name', ({ one }) => {
  let sandbox: Sandbox;
  let output: string | undefined;
  const changes: { readonly fence: Fence; readonly text: string }[] = [];

  beforeAll(async () => {
    sandbox = await Sandbox.create();
  });
  afterAll(() => {
    sandbox.remove();
    if (changes.length > 0) rewrite(one, changes);
  });

  for (const fence of one.fences) {
    switch (fence.language) {
      case 'sh':
        it(`line ${fence.line}: the commands run`, async () => {
          const commands = commandsOf(fence);
          output = undefined;
          if (commands === '') return;
          const outcome = await sandbox.sh(commands);
          const [, code = '0'] = /# exits with (\d+)/.exec(fence.text) ?? [];
          expect(outcome.code, outcome.output).toBe(Number(code));
          output = outcome.output;
        });
        break;
      case 'ts':
        it(`line ${fence.line}: the example runs`, async () => {
          output = undefined;
          const path = `example-${fence.line}.mjs`;
          sandbox.write(path, executable(fence.text));
          const outcome = await sandbox.node(path);
          expect(outcome.code, outcome.output).toBe(0);
          output = outcome.output;
        });
        break;
      case 'unet':
        it(`line ${fence.line}: the spec compiles as it says`, () => {
          if (fence.title) sandbox.write(fence.title, `${fence.text}\n`);
          const path = join(sandbox.folder, fence.title || 'specs/example.unet');
          const text = hasDeclaration(fence.text) ? fence.text : insideOfNetwork(fence.text);
          const { diagnostics } = compile(path, text, { host: nodeHost });
          const found = diagnostics.map(({ severity, code }) => `${severity}: ${code}`);
          const said = [...fence.text.matchAll(/\/\/ ((?:error|warning): [\w-]+)/g)].map(([, what]) => what);
          expect(found.sort(), diagnostics.map((d) => d.message).join('\n')).toEqual(said.sort());
        });
        break;
      case 'text':
      case 'json':
        if (!fence.followsPrevious) break;
        it(`line ${fence.line}: this is the output`, () => {
          if (output === undefined) return;
          const shown = fence.text;
          if (matches(shown, output)) return;
          const text = update ? refreshed(shown, output) : undefined;
          if (text === undefined) expect(output).toBe(shown);
          else changes.push({ fence, text });
        });
        break;
      default:
        it(`line ${fence.line}: a kind of block that this test knows`, () => {
          expect(['sh', 'text', 'json', 'unet', 'ts', 'html', 'svg']).toContain(fence.language);
        });
    }
  }
});

/** The lines behind `$`, without those that install or need a repository. */
function commandsOf({ text }: Fence): string {
  const commands = text.replaceAll('\\\n', ' ').split('\n');
  return commands
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2))
    .filter((command) => !/^(npm|npx|git|cd) /.test(command))
    .map((command) => `{ ${command}\n}`)
    .join(' && ');
}

/** TypeScript as JavaScript that imports the built package, and the packages that this checkout has installed. */
function executable(text: string): string {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm' });
  return code.replace(/"(unet-lang(?:\/[\w-]+)?|@tensorflow\/[\w-]+)"/g, (_, specifier: string) => {
    const [, door = 'index'] = /^unet-lang(?:\/(.+))?$/.exec(specifier) ?? [];
    const path = specifier.startsWith('unet-lang')
      ? join(root, 'dist', `${door}.js`)
      : createRequire(import.meta.url).resolve(specifier);
    return JSON.stringify(pathToFileURL(path).href);
  });
}

function hasDeclaration(text: string): boolean {
  return /^(language|import|param|unet|block|training|ablation)\s+[^=\s]/m.test(text);
}

/** Attributes and expectations alone: a network that has the two required ones, and these. */
function insideOfNetwork(text: string): string {
  return `unet Base { input = 1 x 572 x 572; classes = 2 }\nunet Example extends Base {\n${text}\n}\n`;
}

function rewrite({ path }: Page, changes: readonly { readonly fence: Fence; readonly text: string }[]): void {
  const lines = readFileSync(root + path, 'utf8').split('\n');
  for (const { fence, text } of [...changes].sort((a, b) => b.fence.line - a.fence.line)) {
    const length = fence.text === '' ? 0 : fence.text.split('\n').length;
    lines.splice(fence.line, length, ...text.split('\n'));
  }
  writeFileSync(root + path, lines.join('\n'));
}
