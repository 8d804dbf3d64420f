import { describe, expect, test } from 'vitest';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { compile } from '../../src/compiler/compile.js';

/** 16 halved four times is 1: the bottleneck has a single position. */
const net = (norm: string, size = 16) => `unet Net {
  input    = 1 x ${size} x ${size}
  classes  = 2
  channels = 4
  padding  = same
  norm     = ${norm}
  bias     = false
}
`;

function problems(text: string) {
  const { networks, recipes } = compile('net.unet', text);
  const [network] = networks;
  if (!network) throw new Error('the network has errors');
  return checkRecipe(network, recipes[0]).map(({ code, args, span, notes, help }) => ({
    code,
    args,
    at: span.file.text.slice(span.start, span.end),
    notes: notes.map((note) => note.span.file.text.slice(note.span.start, note.span.end)),
    help,
  }));
}

describe('norms that see a single value of a channel in training', () => {
  test('a batch norm in a batch of one', () => {
    expect(problems(`${net('batch')}training T { batch = 1 }`)).toEqual([
      {
        code: 'contradiction',
        args: {
          problem: 'norm-of-one-value',
          norm: 'batch',
          first: 'bottleneck.batchNorm[1]',
          count: 2,
          patch: [16, 16],
        },
        at: '1',
        notes: ['batch'],
        help: expect.stringMatching(/`batch = 2` .*`patch = 32 x 32`/),
      },
    ]);
  });

  test('the patch decides, not the declared input', () => {
    expect(problems(`${net('batch', 64)}training T { batch = 1 }`)).toEqual([]);
    const [problem, ...more] = problems(`${net('batch', 64)}training T { batch = 1 patch = 16 x 16 }`);
    expect(more).toEqual([]);
    expect(problem?.args).toMatchObject({ patch: [16, 16] });
    expect(problems(`${net('batch')}training T { batch = 1 patch = 16 x 32 }`)).toEqual([]);
  });

  test('in a batch of two, a batch norm has two', () => {
    expect(problems(`${net('batch')}training T { batch = 2 }`)).toEqual([]);
    expect(problems(`${net('batch')}training T { epochs = 2 }`)).toEqual([]);
    expect(problems(net('batch'))).toEqual([]);
  });

  test('an instance norm has its own sample only, whatever the batch', () => {
    const [problem] = problems(`${net('instance')}training T { batch = 8 patch = 16 x 16 }`);
    expect(problem?.at).toBe('16 x 16');
    expect(problem?.help).toContain('`patch = 32 x 32`');
    expect(problem?.help).not.toContain('`batch');
    expect(problem?.args).toMatchObject({ norm: 'instance', first: 'bottleneck.instanceNorm[1]' });
    // Without a recipe the norm itself is the place.
    expect(problems(net('instance')).map(({ at }) => at)).toEqual(['instance']);
    expect(problems(net('instance', 32))).toEqual([]);
  });

  test('no other norm is meant, and a patch that does not fit is said alone', () => {
    expect(problems(`${net('group(groups: 2)')}training T { batch = 1 }`)).toEqual([]);
    expect(
      problems(`${net('batch')}training T { batch = 1 patch = 17 x 17 }`).map(({ code }) => code),
    ).toEqual(['input-does-not-fit']);
  });

  test('a batch norm behind a mean over all positions wants two samples', () => {
    const block = `block Squeeze(c) { input -> double(c) -> Gate(c) }
block Gate(c) { input * (input -> global_avg -> conv(1, c, padding: valid) -> norm -> sigmoid) }
`;
    const text = `${block}${net('batch', 64).replace('norm ', 'block = Squeeze\n  norm ')}`;
    const found = problems(`${text}training T { batch = 1 }`);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ help }) => help?.includes('a larger patch'))).toBe(true);
  });
});
