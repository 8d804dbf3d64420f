import { Failure, failure } from '../../../diagnostics/failure.js';
import { canonicalValue } from '../../../images/label-values.js';
import { writeFileAtomically } from '../../../runtime/files/write-file.js';
import { fittingPage } from '../../../view/html/fitting-page.js';
import { readView } from '../../../view/read/read-view.js';
import type { ViewOptions } from '../../../view/read/view-options.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import { print, printJson, reportNote, sizeText } from '../../output/output.js';

interface Options {
  readonly output: string;
  readonly as?: string;
  readonly page?: string;
  readonly array?: string;
  readonly name: readonly string[];
  readonly title?: string;
  readonly json?: boolean;
}

const kinds = ['planes', 'volume'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .description(
        'Writes one HTML file that shows an image, or a volume in three planes and in 3D, with masks over it. The file ' +
          'needs no other file and no network.',
      )
      .argument('<image>', 'an image, a volume or an array in any format that training reads')
      .argument('[masks...]', 'label maps of the same size; several are compared')
      .requiredOption('-o, --output <file>', 'the page, a .html file')
      .option(
        '--name <value=name>',
        'the name of a value of the masks: 1=nucleus; may be given several times',
        addTo,
        [],
      )
      .option('--title <text>', 'the title of the page (default: the name of the image)')
      .option('--as <kind>', `show the file as ${kinds.join(' or as a ')}, where it does not tell`)
      .option('--page <number>', 'only this page, frame or time of a file with several, counted from 0')
      .option('--array <name>', 'the array of a file with several (.npz, HDF5, OME-Zarr)')
      .option('--json', 'print the path, the sizes and the notes as JSON');
    examples(command, [
      'unet view image.png mask.png -o image.html',
      'unet view scan.nii.gz truth.nii.gz prediction.nii.gz --name 1=liver --name 2=tumour -o scan.html',
      'unet view stack.tif --as volume -o stack.html',
    ]);
    command.action(async (image: string, masks: readonly string[], options: Options) =>
      done(await run(image, masks, options)),
    );
  },
};

function addTo(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The options as `readView` takes them, or what is wrong with them. */
function viewOptions({ as, page, array, name, output }: Options): ViewOptions | Failure {
  if (!/\.html?$/i.test(output)) {
    const problem = { case: 'ending' as const, endings: ['.html'] };
    return failure('invalid-output-path', { option: '-o', path: output, problem });
  }
  const kind = kinds.find((one) => one === as);
  if (as !== undefined && kind === undefined) {
    return failure('invalid-option-value', { option: '--as', value: as, wanted: { oneOf: kinds } });
  }
  if (page !== undefined && !/^\d{1,9}$/.test(page)) {
    return failure('invalid-option-value', { option: '--page', value: page, wanted: { wholeFrom: 0 } });
  }
  const names = new Map<string, string>();
  for (const text of name) {
    const [, value = '', called = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const canonical = canonicalValue(value.trim());
    if (canonical === undefined) {
      return failure('invalid-option-value', { option: '--name', value: text, wanted: { form: 'name' } });
    }
    names.set(canonical, called.trim());
  }
  return {
    names,
    ...(kind ? { as: kind } : {}),
    ...(page === undefined ? {} : { page: Number(page) }),
    ...(array === undefined ? {} : { array }),
  };
}

async function run(image: string, masks: readonly string[], options: Options): Promise<Outcome> {
  const chosen = viewOptions(options);
  if (chosen instanceof Failure) return chosen;
  const content = await readView(image, masks, chosen);
  if (content instanceof Failure) return content;
  const fitting = fittingPage(options.title === undefined ? content : { ...content, title: options.title });
  if (fitting instanceof Failure) return fitting;
  const bytes = new TextEncoder().encode(fitting.html);
  const failed = writeFileAtomically(options.output, [bytes]);
  if (failed) return failed;
  const { size, reduction, kind } = fitting.content.image;
  const isReduced = reduction.some((one) => one > 1);
  if (options.json) {
    printJson({
      ...{ output: options.output, kind, size, reduction, bytes: bytes.length },
      ...{ masks: content.masks.map(({ name }) => name), notes: content.notes },
    });
    return 0;
  }
  for (const note of content.notes)
    reportNote(note.charAt(0).toLowerCase() + note.slice(1).replace(/\.$/, ''));
  if (isReduced) reportNote(`the image is reduced by ${sizeText(reduction)} for the page`);
  print(
    `wrote ${options.output}: ${sizeText(size[0] > 1 ? size : size.slice(1))}, ${(Math.ceil(bytes.length / 1e5) / 10).toFixed(1)} MB`,
  );
  return 0;
}
