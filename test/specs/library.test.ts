import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../src/compiler/check.js';

const text = readFileSync(join(import.meta.dirname, '../../specs/lib/blocks.unet'), 'utf8');

test('the standard blocks are clean as a file of their own', () => {
  expect(check('copy.unet', text).diagnostics).toEqual([]);
});

test('a mistake in them would be seen', () => {
  const { diagnostics } = check('copy.unet', text.replace('-> dropout', '-> dropuot'));
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['unknown-name']);
});
