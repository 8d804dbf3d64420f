import { describe, expect, test } from 'vitest';
import { PassTimer, statsText } from '../../src/compiler/pass-timer.js';
import { buildPasses } from '../../src/compiler/passes.js';
import { CompileSession } from '../../src/compiler/session.js';

/** A clock that moves by a millisecond whenever it is read. */
function steadyTimer(): PassTimer {
  let time = 0;
  return new PassTimer(() => time++);
}

function runsOf(timer: PassTimer): Record<string, number> {
  return Object.fromEntries(timer.stats.map(({ pass, runs }) => [pass, runs]));
}

describe('a session', () => {
  const text = `
    unet Base { input = 1 x 64 x 64; classes = 2; padding = same; norm = batch }
    unet A extends Base { depth = 3 }
    unet B extends Base { depth = 2 }
    ablation Study of Base { vary repeat = [1, 2] }`;

  test('compiles each declaration once, also as the base of others', () => {
    const timer = steadyTimer();
    const { networks } = new CompileSession('net.unet', text, { run: timer.run }).compile();
    expect(networks).toHaveLength(5);
    expect(runsOf(timer)).toEqual({
      parse: 1,
      'check blocks': 1,
      'evaluate params': 1,
      'list networks': 1,
      resolve: 5,
      elaborate: 5,
      verify: 5,
      'admissible sizes': 5,
      'infer sizes': 5,
      analyse: 5,
      lint: 5,
      expect: 5,
      allow: 1,
    });
  });

  test('compiles the base of a network that it is asked for, if both may have the same mistake', () => {
    const timer = steadyTimer();
    const session = new CompileSession('net.unet', text, { run: timer.run });
    const { diagnostics } = session.compile('A');
    expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['bias-before-norm']));
    expect(runsOf(timer).resolve).toBe(2);
    session.compile('A');
    expect(runsOf(timer).resolve).toBe(2);
  });

  test('knows all names without a pass over a network', () => {
    const timer = steadyTimer();
    const { names } = new CompileSession('net.unet', text, { run: timer.run });
    expect(names).toEqual(['Base', 'A', 'B', 'Study.repeat=1', 'Study.repeat=2']);
    expect(Object.keys(runsOf(timer))).toEqual(['parse', 'check blocks', 'evaluate params', 'list networks']);
  });

  test('names variants by the params that are set from outside', () => {
    const widths = `param wide = 32\n${text.replace('vary repeat = [1, 2]', 'vary channels = [16, wide]')}`;
    expect(new CompileSession('net.unet', widths, {}).names.at(-1)).toBe('Study.channels=32');
    expect(new CompileSession('net.unet', widths, { set: { wide: '48' } }).names.at(-1)).toBe(
      'Study.channels=48',
    );
  });
});

describe('a timer', () => {
  test('counts what passes make, and not what a failed one does not', () => {
    const timer = steadyTimer();
    const spec = 'unet Net { input = 1 x 570 x 570; classes = 2 }';
    new CompileSession('net.unet', spec, { run: timer.run }).compile();
    const counts = Object.fromEntries(timer.stats.map(({ pass, count, unit }) => [pass, `${count} ${unit}`]));
    expect(counts).toMatchObject({
      parse: '1 declarations',
      'list networks': '1 networks',
      elaborate: '55 nodes',
      'admissible sizes': '2 axes',
      'infer sizes': '0 values',
      allow: '1 diagnostics',
    });
    expect(counts).not.toHaveProperty('analyse');
  });

  test('counts time inside of other work once', () => {
    let time = 0;
    const timer = new PassTimer(() => time);
    const wait = (ms: number) => {
      time += ms;
      return ms;
    };
    timer.measure(
      buildPasses.write,
      () => {
        wait(10);
        timer.measure(
          buildPasses.weights,
          () => wait(5),
          (values) => values,
        );
        timer.measure(
          buildPasses.weights,
          () => wait(7),
          (values) => values,
          0,
        );
        return wait(1);
      },
      () => 100,
    );
    expect(timer.stats).toEqual([
      { pass: 'weights', runs: 1, ms: 12, count: 12, unit: 'values' },
      { pass: 'write', runs: 1, ms: 11, count: 100, unit: 'bytes' },
    ]);
    expect(statsText(timer.stats)).toBe(
      [
        'pass     runs       made         time',
        'weights     1  12 values     12.00 ms',
        'write       1  100 bytes     11.00 ms',
        'all                          23.00 ms',
      ].join('\n'),
    );
  });
});
