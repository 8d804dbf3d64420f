import { Failure } from '../../diagnostics/failure.js';
import type { LabelledImage, Sample } from '../data-set.js';
import type { Split } from '../split.js';
import { IGNORED } from './label-map.js';

/** Names that are listed in a message; of more it is said how many there are. */
const LISTED = 3;

/** Which classes the images of a data set show, noted while they are read. */
export class LabelCoverage {
  private readonly shown = new Map<string, ReadonlySet<number>>();

  /** `classes`: those of the masks, the background among them. */
  constructor(private readonly classes: number) {}

  note({ name, classes: labels }: LabelledImage): void {
    const shown = new Set<number>();
    for (const label of labels) if (label !== IGNORED) shown.add(label);
    this.shown.set(name, shown);
  }

  /**
   * What the two parts of the images can be used for: fails where nobody labelled anything in one of them, since nothing
   * could be learned or measured; else a sentence for each class that one of them lacks. A part without images lacks
   * nothing: without validation, nothing is to be measured.
   */
  of({ training, validation }: Split<Sample>): readonly string[] | Failure {
    if (training.length === 0) return new Failure('there is no image to train with');
    const learned = this.shownBy(training);
    const measured = this.shownBy(validation);
    const isValidated = validation.length > 0;
    if (learned.size === 0) {
      return new Failure(
        `nobody labelled anything in ${namesOf(training)} to train with: there is nothing to learn from` +
          (isValidated
            ? '; choose with --validation FILE, or `splitByNames` in a program, which images validate'
            : ''),
      );
    }
    if (isValidated && measured.size === 0) {
      return new Failure(
        `nobody labelled anything in ${namesOf(validation)} to validate with: there is nothing to measure by; ` +
          'choose with --validation FILE, or `splitByNames` in a program, others, of which some positions are labelled',
      );
    }
    const notes: string[] = [];
    for (let label = 0; label < this.classes; label += 1) {
      if (!learned.has(label)) {
        notes.push(
          `class ${label} is in no image to train with (${namesOf(training)}): it cannot be learned` +
            (isValidated ? '; another --seed, or --validation FILE, divides the images otherwise' : ''),
        );
      } else if (isValidated && !measured.has(label)) {
        notes.push(
          `class ${label} is in no image to validate with (${namesOf(validation)}): its Dice says nothing; ` +
            'another --seed, or --validation FILE, divides the images otherwise',
        );
      }
    }
    return notes;
  }

  private shownBy(samples: readonly Sample[]): ReadonlySet<number> {
    return new Set(samples.flatMap(({ name }) => [...(this.shown.get(name) ?? [])]));
  }
}

/** "the image a", "the images a and b", "the 12 images a, b, c, ...". */
function namesOf(samples: readonly Sample[]): string {
  const names = samples.slice(0, LISTED).map(({ name }) => name);
  if (samples.length === 1) return `the image ${names[0]}`;
  if (samples.length > LISTED) return `the ${samples.length} images ${names.join(', ')}, ...`;
  return `the images ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
