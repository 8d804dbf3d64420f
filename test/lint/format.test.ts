import { expect, test } from 'vitest';
import { format } from '../../grammar/print/print.js';
import { read } from '../grammar/reading.js';
import { said } from './warned.js';

const why = 'as published';
const bias = `allow(bias-before-norm): ${why}`;
const skip = `allow(skip-unused): ${why}`;
const dead = `allow(dead-parameters): ${why}`;
const settings = 'input = 1 x 32 x 32  classes = 2  depth = 2  channels = 4  padding = same';

/** Texts that are not formatted, with comments at all kinds of places, the wrong ones too. */
const texts = [
  `unet Net { ${settings}  norm = batch // ${bias}\n}`,
  `unet Net { ${settings}\n norm = batch  skip[1] = none // ${skip}\n}`,
  `unet Net { ${settings}\n norm = batch  skip[1] = none // ${bias}\n}`,
  `unet Net { // ${bias}\n ${settings}  norm = batch  skip[1] = none }`,
  `unet Net { ${settings}  // ${bias}\n norm = batch  skip[1] = none }`,
  `unet Net { ${settings}\n // ${bias}\n norm = batch; skip[1] = none }`,
  `// ${bias}\n\n\n unet Net { ${settings}  norm = batch  skip[1] = none } // ${skip}`,
  `unet Net { ${settings}  norm = batch }  // ${bias}\nunet Other { ${settings}  norm = batch }`,
  `unet Net { ${settings}  norm = batch } /* ${bias} */ unet Other { ${settings}  norm = batch }`,
  `unet Net { ${settings}  skip[1]=/* ${skip} */none  norm=[batch,none /* ${bias} */, none] }`,
  `unet Net { ${settings}  norm = [ // ${bias}\nbatch, none, // ${bias}\n instance] }`,
  `unet Net { ${settings} /* allow(bias-before-norm,skip-unused):\n both */ norm = batch\n\n\n\n skip[1] = none
     // ${skip}
   }
   unet Other { ${settings} }`,
  `block Own(c) { k = input -> conv(1, c) // ${dead}
     attention(input -> conv(1, c), k, input -> conv(1, c)) }
   unet Net { ${settings}  bottleneck = Own }`,
  `block Own(c) { input -> // ${bias}
     conv(3,c,bias:true) -> batch -> conv(3,c,bias:true) /* ${bias} */ -> batch -> batch // ${dead}
   }
   unet Net { ${settings}  bottleneck = Own }`,
  `block Own(c) { input -> conv(3,c,bias:true) // ${bias}
     -> batch
     // ${bias}
     -> conv(3,c,bias:true) -> batch } // ${dead}
   unet Net { ${settings}  bottleneck = Own }`,
  `unet Net { ${settings}  norm = batch  bias = false }
   ablation Study of Net { vary bias = [false, true] // ${bias}
     // ${skip}
     variant Bare { bias = true // ${bias}
   } }`,
];

const summary = (text: string) =>
  said(text)
    .map(({ code, message }) => `${code}: ${message}`)
    .sort();

test.each(texts)('%#: a formatted text allows what it allowed before', (text) => {
  const formatted = format(read(text));
  if (formatted === undefined) throw new Error('not formatted');
  expect(formatted).not.toBe(text);
  expect(summary(formatted)).toEqual(summary(text));
});

test('the texts differ in what is said of them', () => {
  // Else the property would hold of a compiler that says nothing, or takes no comment.
  expect(new Set(texts.map((text) => summary(text).join('\n'))).size).toBeGreaterThan(5);
});
