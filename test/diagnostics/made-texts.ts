import type { Code } from '../../src/diagnostics/codes.js';

/** A text that is no good as a file in a repository, with the one code that it gives. */
export interface MadeText {
  readonly name: string;
  readonly code: Code;
  readonly text: string;
  /** Another input than the declared one. */
  readonly input?: string;
  /** What imports find. */
  readonly read?: (path: string) => string | undefined;
}

/** File n imports file n + 1, without an end. */
function endless(path: string): string {
  const number = Number(/(\d+)\.unet$/.exec(path)?.[1] ?? 0) + 1;
  return `import { Net } from "./${number}.unet"\n`;
}

export const madeTexts: readonly MadeText[] = [
  { name: 'two megabytes of spec', code: 'file-too-large', text: 'param a = 1\n'.repeat(180_000) },
  { name: 'a picture', code: 'not-text', text: '\ufffdPNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR' },
  { name: 'a zero byte in a spec', code: 'not-text', text: 'unet Net {\u0000}' },
  { name: 'ten thousand open brackets', code: 'nesting-too-deep', text: `param a = ${'('.repeat(10_000)}` },
  {
    name: 'ten thousand closed brackets',
    code: 'nesting-too-deep',
    text: `param a = ${'['.repeat(10_000)}1${']'.repeat(10_000)}`,
  },
  {
    name: 'a thousand and one networks',
    code: 'too-many-networks',
    text: `unet Net { input = 1 x 4 x 4 classes = 1 head = sigmoid depth = 1 channels = 2 padding = same }
${Array.from({ length: 1_000 }, (_, i) => `unet Net${i} extends ${i === 0 ? 'Net' : `Net${i - 1}`} {}`).join('\n')}`,
  },
  {
    name: 'an input that is not the one of the table',
    code: 'positions-fixed',
    text: `unet Net {
      input = 3 x 224 x 224 classes = 2 padding = same bottleneck = transformer(layers: 1, heads: 2, dim: 8, mlp: 16)
    }`,
    input: '3 x 256 x 240',
  },
  { name: 'imports without an end', code: 'too-many-files', text: endless('0.unet'), read: endless },
];
