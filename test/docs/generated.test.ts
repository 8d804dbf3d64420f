import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { root } from './markdown.js';

it('the generated parts of the documentation are those of this version (else: npm run docs)', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.js', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
