import { type Diagnosed, diagnose, type Reporter } from '../../diagnostics/diagnostic.js';
import type { EntryTable } from './attribute-entries.js';
import { type NetworkSpec, originText } from './network-spec.js';

/** Finds settings that are valid alone and contradict each other. The value is false after an error. */
export function checkConsistency(spec: NetworkSpec, table: EntryTable): Diagnosed<boolean> {
  return diagnose((reporter) => {
    checkHalves(spec, reporter);
    checkInterpolation(spec, reporter);
    checkBottleneck(spec, table, reporter);
    checkGates(spec, reporter);
    checkNoEffect(spec, table, reporter);
    checkSoftmax(spec, reporter);
    checkNormalize(spec, reporter);
    return !reporter.hasErrors;
  });
}

function checkSoftmax(spec: NetworkSpec, reporter: Reporter): void {
  if (spec.head.value.kind !== 'softmax' || spec.classes.value !== 1) return;
  reporter.report(
    'softmax-of-one-class',
    spec.classes.span,
    {},
    {
      notes: [{ message: originText(spec.head, 'head'), span: spec.head.span }],
      help: 'use `head = sigmoid` for one class against the rest, or `classes = 2`',
    },
  );
}

/** A list of normalisations has one for each channel of the input, which may come from outside of the text. */
export function checkNormalize({ normalize, input }: NetworkSpec, reporter: Reporter): void {
  const { value, span } = normalize;
  const { channels } = input.value;
  if (value.kind !== 'channels' || value.channels.length === channels) return;
  reporter.report(
    'contradiction',
    span,
    { problem: 'channels-of-normalize', found: value.channels.length, channels },
    {
      notes: [{ message: originText(input, 'input'), span: input.span }],
      help: 'give one item for each channel, or one value without brackets for all channels',
    },
  );
}

/** With `before_pool`, all convs of a level but the last have half of its channels. */
function checkHalves(spec: NetworkSpec, reporter: Reporter): void {
  if (spec.doubling.value.kind !== 'before_pool') return;
  for (const level of [...spec.levels, spec.bottleneck]) {
    if (level.channels.value % 2 === 0) continue;
    reporter.report(
      'odd-channels',
      level.channels.span,
      { channels: level.channels.value, level: level.level },
      {
        notes: [{ message: originText(spec.doubling, 'doubling'), span: spec.doubling.span }],
        help: `with \`before_pool\`, the first convs of a level have half of its channels: use ${level.channels.value - 1 || 2} or ${level.channels.value + 1}`,
      },
    );
    return;
  }
}

function checkInterpolation(spec: NetworkSpec, reporter: Reporter): void {
  const wrong = spec.rank === 2 ? 'trilinear' : 'bilinear';
  const right = spec.rank === 2 ? 'bilinear' : 'trilinear';
  const level = spec.levels.find((one) => one.up.value.kind === wrong);
  if (!level) return;
  const { span } = level.up;
  const text = span.file.text.slice(span.start, span.end);
  reporter.report(
    'contradiction',
    span,
    { problem: 'interpolation-axes', mode: wrong, axes: 5 - spec.rank, rank: spec.rank },
    {
      notes: [{ message: originText(spec.input, 'input'), span: spec.input.span }],
      help: `use \`${right}\``,
      fixes: text.startsWith(wrong)
        ? [
            {
              title: `Change to \`${right}\``,
              edits: [{ span: { ...span, end: span.start + wrong.length }, newText: right }],
            },
          ]
        : [],
    },
  );
}

function checkBottleneck(spec: NetworkSpec, table: EntryTable, reporter: Reporter): void {
  const whole = table.get('bottleneck')?.whole;
  const single = table.get('block')?.levels.get(spec.depth.value + 1);
  if (!whole || !single) return;
  reporter.report(
    'contradiction',
    whole.attribute.span,
    { problem: 'bottleneck-set-twice' },
    { notes: [{ message: 'also set here', span: single.attribute.span }], help: 'keep one of the two' },
  );
}

/** Several gates make several maps, which a conv must combine. */
function checkGates(spec: NetworkSpec, reporter: Reporter): void {
  for (const { skip } of spec.levels) {
    const { value, span } = skip;
    if (value.kind !== 'attention' || value.gates === 1 || value.combine !== false) continue;
    reporter.report(
      'contradiction',
      span,
      { problem: 'gates-not-combined', gates: value.gates },
      {
        help: `leave \`combine\` out: a 1x1 conv then combines the ${value.gates} maps; or use \`gates: 1\``,
      },
    );
  }
}

/** Reports a setting of a single level that has no effect. */
function checkNoEffect(spec: NetworkSpec, table: EntryTable, reporter: Reporter): void {
  for (const level of spec.levels) {
    const crop = table.get('crop')?.levels.get(level.level);
    if (!crop || level.skip.value.kind !== 'none') continue;
    reporter.report(
      'no-effect',
      crop.attribute.span,
      { what: `\`crop\` of level ${level.level}` },
      { notes: [{ message: `level ${level.level} has no skip`, span: level.skip.span }] },
    );
  }
}
