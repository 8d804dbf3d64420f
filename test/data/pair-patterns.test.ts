import { describe, expect, test } from 'vitest';
import { findPairs } from '../../src/data/files/pairs.js';
import { Pattern } from '../../src/data/layouts/by-pattern/pattern.js';
import { ok } from './folder.js';
import { shown, treeOf } from './layout.js';

describe('a pattern', () => {
  test.each([
    ['a/{case}.png', 'a/x.png', ['case=x']],
    ['./a/{case}.png', 'a/x.png', ['case=x']],
    ['a/{case}.png', 'a/b/x.png', []],
    ['**/{case}.png', 'x.png', ['case=x']],
    ['**/{case}.png', 'a/b/x.png', ['case=x']],
    ['a/**/{case}.png', 'a/x.png', ['case=x']],
    ['*/{case}.png', 'x.png', []],
    ['{case}/{case}_seg.nii', 'p/p_seg.nii', ['case=p']],
    ['{case}/{case}_seg.nii', 'p/q_seg.nii', []],
    ['{case}_{channel}.nii', 'a_b_c.nii', ['case=a channel=b_c', 'case=a_b channel=c']],
    ['s?/{case}*.png', 's1/ab.png', ['case=a', 'case=ab']],
    ['{case}.png', '.png', []],
    ['x?.png', 'x.png', []],
    ['a.b{case}', 'aXbc', []],
  ])('%s, %s', (pattern, path, readings) => {
    const found = new Pattern(pattern).readings(path);
    expect(
      found.map((fields) => [...fields].map(([name, value]) => `${name}=${value}`).join(' ')).sort(),
    ).toEqual(readings);
  });
});

const brats = ['A_1', 'A_2'].flatMap((name) =>
  ['flair', 'seg', 't1', 't2'].map((part) => `${name}/${name}_${part}.nii`),
);

describe('pairs by patterns', () => {
  test.each([
    [
      'scans/{case}.tif',
      'hand/{case}-drawn.png',
      ['scans/a.tif', 'hand/a-drawn.png', 'hand/other.png'],
      { a: ['scans/a.tif', 'hand/a-drawn.png'] },
    ],
    [
      '{case}/{case}_{channel}.nii',
      '{case}/{case}_seg.nii',
      brats,
      Object.fromEntries(
        ['A_1', 'A_2'].map((name) => [
          name,
          ['t1', 't2', 'flair', 'seg'].map((part) => `${name}/${name}_${part}.nii`),
        ]),
      ),
    ],
    ['{case}.png', '{case}_x.png', ['a.png', 'a_x.png'], { a: ['a.png', 'a_x.png'] }],
    ['{case}_x.png', '{case}.png', ['a.png', 'a_x.png'], { a: ['a_x.png', 'a.png'] }],
    [
      'i/{case}.png',
      'm/{case}_{class}.png',
      ['i/a_b.png', 'm/a_b_10.png', 'm/a_b_2.png'],
      { a_b: ['i/a_b.png', '1:m/a_b_2.png', '2:m/a_b_10.png'] },
    ],
    [
      '**/{case}_im.png',
      '**/{case}_ma.png',
      ['p/q/a_im.png', 'r/a_ma.png'],
      { a: ['p/q/a_im.png', 'r/a_ma.png'] },
    ],
    [
      'i/{case}_{channel}.png',
      'm/{case}.png',
      ['i/a_2.png', 'i/a_10.png', 'm/a.png'],
      { a: ['i/a_2.png', 'i/a_10.png', 'm/a.png'] },
    ],
  ])('%s with %s', (images, masks, files, pairs) => {
    expect(shown(treeOf(files), { images, masks })).toMatchObject({ pairs, problems: [] });
  });

  test.each([
    ['no case', 'i/*.png', 'm/{case}.png', ['i/a.png', 'm/a.png'], 'invalid-option-value'],
    [
      'a class in images',
      'i/{case}{class}.png',
      'm/{case}.png',
      ['i/a.png', 'm/a.png'],
      'invalid-option-value',
    ],
    ['one pattern', 'i/{case}.png', undefined, ['i/a.png', 'm/a.png'], 'invalid-option-value'],
    ['a folder beside a pattern', 'i', 'm/{case}.png', ['i/a.png', 'm/a.png'], 'invalid-option-value'],
    ['no file', 'i/{case}.tif', 'm/{case}.png', ['i/a.png', 'm/a.png'], 'pattern-unmatched'],
    ['the same files', '{case}.png', '{case}.png', ['a.png', 'b.png'], 'pattern-ambiguous a.png'],
    [
      'several readings',
      'i/{case}.png',
      'm/{case}_{class}.png',
      ['i/a.png', 'i/a_b.png', 'm/a_b_c.png'],
      { pairs: {}, problems: expect.arrayContaining(['pattern-ambiguous m/a_b_c.png']) },
    ],
    [
      'partners that are missing',
      'i/{case}.png',
      'm/{case}.png',
      ['i/a.png', 'i/b.png', 'm/a.png', 'm/c.png'],
      {
        pairs: { a: ['i/a.png', 'm/a.png'] },
        problems: ['partner-missing i/b.png', 'partner-missing m/c.png'],
      },
    ],
    [
      'two masks for a case',
      'i/{case}.png',
      'm/*/{case}.png',
      ['i/a.png', 'm/x/a.png', 'm/y/a.png'],
      { pairs: {}, problems: ['ambiguous-pair m/y/a.png'] },
    ],
    [
      'a channel that is missing',
      'i/{case}_{channel}.png',
      'm/{case}.png',
      ['i/a_t1.png', 'i/a_t2.png', 'i/b_t1.png', 'm/a.png', 'm/b.png'],
      { pairs: { a: ['i/a_t1.png', 'i/a_t2.png', 'm/a.png'] }, problems: ['case-incomplete'] },
    ],
    [
      'a format that is not read',
      'i/{case}.*',
      'm/{case}.*',
      ['i/a.png', 'm/a.czi'],
      { pairs: {}, problems: ['format-unread m/a.czi'] },
    ],
  ] as const)('%s is refused', (_, images, masks, files, expected) => {
    const result = shown(treeOf(files), { images, ...(masks === undefined ? {} : { masks }) });
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toMatchObject(expected);
  });

  test('name the channels and the classes', () => {
    const files = [
      'i/a_x.png',
      'i/a_t1.png',
      'm/a_rib.png',
      'm/b_rib.png',
      'm/a_disc.png',
      'i/b_x.png',
      'i/b_t1.png',
    ];
    const found = ok(
      findPairs(treeOf(files), { images: 'i/{case}_{channel}.png', masks: 'm/{case}_{class}.png' }),
    );
    expect(found).toMatchObject({
      problems: [],
      description: { channelNames: ['t1', 'x'], classNames: ['background', 'disc', 'rib'] },
    });
    expect(found.pairs[1]).toMatchObject({ name: 'b', parts: [{ label: 2 }] });
    expect(found.notes).toContainEqual(expect.stringMatching(/1 of 2 .* disc/));
  });
});
