import { countedText } from '../wording.js';
import { error } from './definition.js';

/** Predictions and runs that cannot be measured. */
export const evaluationCodes = {
  'evaluation-images-unmatched': error(
    'No case of an evaluation has an image.',
    (a: { input: string; images: number; image: string; name: string }) =>
      `none of ${countedText(a.images, 'image')} in ${a.input} (${a.image}) has the name of a case, such as ${a.name}`,
    () => 'name the images as the predictions or the masks, or leave out --images',
  ),
  'evaluation-cases-trained': error(
    'The run was trained on all cases of the data set.',
    (a: { run: string; data: string; cases: number }) =>
      `${a.run} was trained on ${a.cases === 1 ? 'the only case' : `all ${a.cases} cases`} of ${a.data}: they do not tell how well it does on others`,
    () => 'measure it on other images, or pass --split training to see how well it has learned these',
  ),
  'evaluation-split-empty': error(
    'A part of the data set has no cases.',
    (a: { split: string; data: string; training: number; validation: number; new: number }) =>
      `${a.data} has no case for --split ${a.split}: ${a.training} were trained on, ${a.validation} validated, and ${a.new} are new`,
    () => 'choose another part, or all',
  ),
} as const;
