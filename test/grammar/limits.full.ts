import { expect, test } from 'vitest';
import { FILE_LIMIT } from '../../grammar/parse/parse.js';
import { format } from '../../grammar/print/print.js';
import { testLongTexts } from './long-texts.js';
import { read } from './reading.js';

testLongTexts(1);

test('what would be too large to be read again is not formatted', () => {
  const text = `unet A {\n${'a=1\n'.repeat(FILE_LIMIT / 6)}}`;
  expect(read(text).diagnostics).toEqual([]);
  expect(format(read(text))).toBeUndefined();
});
