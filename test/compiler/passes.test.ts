import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NetworkTask, Source } from '../../src/compiler/artifacts.js';
import { type Pass, type RunPass, runPass } from '../../src/compiler/pass.js';
import { passes } from '../../src/compiler/passes.js';
import { CompileSession } from '../../src/compiler/session.js';
import type { Diagnosed } from '../../src/diagnostics/diagnostic.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';
import { hostOf } from '../language/compiled.js';
import { deepFreeze } from './deep-freeze.js';

/** Runs a pass twice on a frozen artifact: both runs must find the same, and change nothing. */
function twice<From, To>(pass: Pass<From, To>, from: From): Diagnosed<To> {
  deepFreeze(from);
  const first = pass.run(from);
  const second = pass.run(from);
  expect(second.diagnostics).toEqual(first.diagnostics);
  return first;
}
const frozen: RunPass = (pass, from) => twice(pass, from);

function sourceOf(text: string, options: Partial<Source> = {}): Source {
  return { path: 'net.unet', text, host: hostOf({}), set: {}, input: undefined, ...options };
}

/** What was made, where something was. */
function made<T>({ value }: Diagnosed<T | undefined>): T {
  if (value === undefined) throw new Error('the pass made nothing');
  return value;
}

const codesOf = ({ diagnostics }: Diagnosed<unknown>) => diagnostics.map(({ code }) => code);

describe('the passes, one by one', () => {
  // A mistake for each pass that can find one, in parts of the text that do not hinder each other.
  const text = `
    block Bad(c) { input -> nowhere }
    param width = 1 / 0
    ablation Study of Net { vary nothing = [1] }
    unet Net {
      input = 1 x 64 x 64; classes = 2; depth = 2; channels = 8; padding = same; norm = batch
      head = logits
      expect { params == 1 }
    }
    // allow(no-such-warning): as published
    unet Other extends Net { depth = 1 }`;

  test('give what they made and what they found', () => {
    const parsed = twice(passes.parse, sourceOf(text));
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.value.program.entry.names.has('Net')).toBe(true);

    const checked = twice(passes.checkBlocks, parsed.value);
    expect(codesOf(checked)).toEqual(['unknown-name', 'unused-value']);
    expect(checked.value.program.entry.poisoned.has('Bad')).toBe(true);
    expect(parsed.value.program.entry.poisoned.has('Bad')).toBe(false);

    const evaluated = twice(passes.evaluateParams, checked.value);
    expect(codesOf(evaluated)).toEqual(['division-by-zero']);

    const listed = twice(passes.listNetworks, evaluated.value);
    expect(codesOf(listed)).toEqual(['unknown-attribute']);
    expect(listed.value.networks.map(({ name }) => name)).toEqual(['Net', 'Other']);

    const { networks, params, outside } = listed.value;
    const [request] = networks;
    if (!request) throw new Error('there is no network');
    const task: NetworkTask = { request, params, outside };
    const resolved = made(twice(passes.resolve, task));
    expect(resolved.spec.levels).toHaveLength(2);
    const elaborated = made(twice(passes.elaborate, resolved));
    const verified = made(twice(passes.verify, elaborated));
    expect(verified.graph).toBe(elaborated.graph);
    const sized = made(twice(passes.findSizes, verified));
    expect(sized.axes.map(({ step }) => step)).toEqual([4, 4]);
    const inferred = made(twice(passes.inferSizes, sized));
    expect(inferred.sizes.sizes.at(-1)).toEqual([64, 64]);
    const analysed = made(twice(passes.analyse, inferred));
    expect(analysed.facts.parameters).toBeGreaterThan(0);

    const linted = twice(passes.lint, analysed);
    expect(new Set(codesOf(linted))).toEqual(new Set(['bias-before-norm']));
    const expected = twice(passes.expect, linted.value);
    expect(codesOf(expected)).toEqual(['expectation-failed']);

    const allowed = twice(passes.allow, {
      diagnostics: [...linted.diagnostics, ...expected.diagnostics],
      program: listed.value.program,
      complete: undefined,
      networks: [],
    });
    expect(allowed.value.diagnostics).toHaveLength(linted.diagnostics.length + 1);
    expect(codesOf(allowed)).toEqual(['malformed-allow']);
  });

  test.each([
    ['resolve', 'unet Net { input = 1 x 64 x 64; classes = 2; skip = cancat }', 'unknown-option'],
    [
      'elaborate',
      'unet Net { input = 1 x 64 x 64; classes = 2; padding = same; up = nearest; skip = add }',
      'channels-not-equal',
    ],
    ['inferSizes', 'unet Net { input = 1 x 570 x 570; classes = 2 }', 'input-does-not-fit'],
  ] as const)('%s makes nothing after an error, and says which', (name, spec, code) => {
    const session = new CompileSession('net.unet', spec, { run: frozen });
    expect(session.compile().diagnostics.map((one) => one.code)).toEqual([code]);
    const seen: string[] = [];
    const run: RunPass = (pass, from) => {
      const outcome = runPass(pass, from);
      if (outcome.diagnostics.length > 0) {
        seen.push(pass.name);
        expect(outcome.value).toBeUndefined();
        expect(new Set(codesOf(outcome))).toEqual(new Set([code]));
      }
      return outcome;
    };
    new CompileSession('net.unet', spec, { run }).compile();
    expect(seen).toEqual([passes[name].name]);
  });
});

describe('no pass changes the artifact before it', () => {
  test.each([
    'specs/unet2d.unet',
    'specs/unet2d-padded.unet',
    'specs/brats/brats.unet',
    'specs/diffusion/ddpm.unet',
  ])('%s', (path) => {
    const text = readFileSync(path, 'utf8');
    const once = new CompileSession(path, text, { host: nodeHost }).compile();
    const again = new CompileSession(path, text, { host: nodeHost, run: frozen }).compile();
    expect(again.diagnostics).toEqual(once.diagnostics);
    expect(again.networks.map(({ name }) => name)).toEqual(once.networks.map(({ name }) => name));
    expect(again.networks.map(({ graph }) => graph.nodes.length)).toEqual(
      once.networks.map(({ graph }) => graph.nodes.length),
    );
  });

  test('not where blocks of an import are damaged', () => {
    const host = hostOf({
      'parts.unet': 'block Good(c) { input -> conv(3x3, c) }\nblock Bad(c) { input -> nowhere(c) }',
    });
    const text = `import { Good, Bad } from "./parts.unet"
      unet A { input = 1 x 64 x 64; classes = 2; padding = same; block = Good }
      unet B extends A { block = Bad }`;
    const { diagnostics, networks } = new CompileSession('net.unet', text, { host, run: frozen }).compile();
    expect(diagnostics.map(({ code }) => code)).toEqual(['unknown-name']);
    expect(networks.map(({ name }) => name)).toEqual(['A']);
  });
});
