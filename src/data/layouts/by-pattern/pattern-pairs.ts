import { Failure, failure } from '../../../diagnostics/failure.js';
import { listText } from '../../../diagnostics/wording.js';
import { classFiles, classNotes } from '../by-class/class-labels.js';
import { withSeries } from '../dicom-series.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import { type Item, unreadFailure } from '../list-folder.js';
import { inChannelOrder, inNameOrder } from '../name-order.js';
import { walkFolder } from '../walk-folder.js';
import { type Fields, Pattern } from './pattern.js';

/** A file of a case, and which part of the case it is. */
interface CaseFile {
  readonly item: Item;
  readonly name: string;
  /** The channel or the class; "" without that field. */
  readonly part: string;
}

/** The files that are of one pattern, with each way to read their names. */
type Matches = ReadonlyMap<Item, readonly CaseFile[]>;

const OPTIONS = { images: '--images', masks: '--masks' } as const;
const PARTS = { images: 'channel', masks: 'class' } as const;
type Side = keyof typeof PARTS;

/** Whether a value of --images or --masks is a pattern of paths, and not the name of a folder. */
export function isPattern(text: string | undefined): text is string {
  return text !== undefined && /[{}*?]/.test(text);
}

function patternOf(text: string, side: Side): Pattern | Failure {
  const pattern = new Pattern(text);
  const allowed: readonly string[] = ['case', PARTS[side]];
  const { fields } = pattern;
  if (fields.includes('case') && fields.every((field) => allowed.includes(field))) return pattern;
  const form = side === 'images' ? 'image-pattern' : 'mask-pattern';
  return failure('invalid-option-value', { option: OPTIONS[side], value: text, wanted: { form } });
}

function matchesOf(pattern: Pattern, side: Side, items: ReadonlyMap<string, Item>): Map<Item, CaseFile[]> {
  const part = (fields: Fields) => fields.get(PARTS[side]) ?? '';
  const found = new Map<Item, CaseFile[]>();
  for (const [path, item] of items) {
    const files = pattern
      .readings(path)
      .map((fields) => ({ item, name: fields.get('case') ?? '', part: part(fields) }));
    if (files.length > 0) found.set(item, files);
  }
  return found;
}

interface Resolved {
  /** The files by their case. */
  readonly cases: ReadonlyMap<string, readonly CaseFile[]>;
  readonly problems: readonly Failure[];
}

/** Reads each name as that of a case that the other side has, too. */
function resolve(matches: Matches, others: Matches, side: Side, otherPattern: string): Resolved {
  const known = new Set([...others.values()].flat().map(({ name }) => name));
  const cases = new Map<string, CaseFile[]>();
  const problems: Failure[] = [];
  for (const [{ path }, files] of matches) {
    const fitting = files.filter(({ name }) => known.has(name));
    const [first, second] = fitting;
    if (first === undefined) {
      const missing = side === 'images' ? 'mask' : 'image';
      problems.push(failure('partner-missing', { path, missing, folder: otherPattern }));
    } else if (second !== undefined) {
      const names = [...new Set(fitting.map(({ name }) => name))];
      const parts = fitting.map(({ part }) => part);
      problems.push(failure('pattern-ambiguous', { path, cases: names.length > 1 ? names : parts }));
    } else cases.set(first.name, [...(cases.get(first.name) ?? []), first]);
  }
  return { cases, problems };
}

/** Fails where two files are the same part of one case. */
function twice(files: readonly CaseFile[], side: Side): Failure | undefined {
  const seen = new Map<string, CaseFile>();
  for (const file of files) {
    const other = seen.get(file.part);
    if (other !== undefined) {
      const [path, otherPath] = [file.item.path, other.item.path];
      return side === 'masks'
        ? failure('ambiguous-pair', { clash: { case: 'masks', path, other: otherPath } })
        : failure('ambiguous-pair', { clash: { case: 'images', paths: [otherPath, path], mask: file.name } });
    }
    seen.set(file.part, file);
  }
  return undefined;
}

/** The items below a folder by their paths relative to it. */
export function itemsBelow(folder: string): Map<string, Item> | Failure {
  const folders = walkFolder(folder);
  if (folders instanceof Failure) return folders;
  const items = new Map<string, Item>();
  for (const [inside, { items: own }] of folders) {
    for (const item of own) items.set(inside === '' ? item.name : `${inside}/${item.name}`, item);
  }
  // A pattern may name a folder of DICOM slices, or the files in it.
  for (const [inside, { items: own }] of withSeries(folders, () => false)) {
    for (const item of own) items.set(inside === '' ? item.name : `${inside}/${item.name}`, item);
  }
  return items;
}

/** Pairs files by what `{case}` stands for in their paths. */
export function pairByPatterns(folder: string, imageText: string, maskText: string): FoundPairs | Failure {
  const images = patternOf(imageText, 'images');
  if (images instanceof Failure) return images;
  const masks = patternOf(maskText, 'masks');
  if (masks instanceof Failure) return masks;
  const items = itemsBelow(folder);
  if (items instanceof Failure) return items;
  const found = { images: matchesOf(images, 'images', items), masks: matchesOf(masks, 'masks', items) };
  for (const item of [...found.images.keys()].filter((one) => found.masks.has(one))) {
    // `{case}.png` also matches a_mask.png.
    const lessPrecise = images.precision > masks.precision ? found.masks : found.images;
    lessPrecise.delete(item);
    if (images.precision === masks.precision) {
      return failure('pattern-ambiguous', { path: item.path, cases: [imageText, maskText] });
    }
  }
  for (const [side, pattern] of [
    ['images', imageText],
    ['masks', maskText],
  ] as const) {
    if (found[side].size > 0) continue;
    const [example] = items.keys();
    return failure('pattern-unmatched', { option: OPTIONS[side], pattern, folder, example });
  }
  const problems: Failure[] = [];
  for (const matches of [found.images, found.masks]) {
    for (const { kind, path } of matches.keys()) if (kind !== 'data') problems.push(unreadFailure(path));
  }
  const resolved = {
    images: resolve(found.images, found.masks, 'images', maskText),
    masks: resolve(found.masks, found.images, 'masks', imageText),
  };
  problems.push(...resolved.images.problems, ...resolved.masks.problems);
  return pairsOf(resolved.images.cases, resolved.masks.cases, problems);
}

type Cases = Resolved['cases'];

function pairsOf(images: Cases, masks: Cases, known: readonly Failure[]): FoundPairs {
  const problems = [...known];
  const partsOf = (cases: Cases) => [...cases.values()].flat().map(({ part }) => part);
  const channels = inChannelOrder(partsOf(images));
  const classes = inNameOrder(partsOf(masks));
  const pairs: FilePair[] = [];
  const lacking = new Map<string, number>();
  for (const [name, files] of images) {
    const own = masks.get(name) ?? [];
    const clash = twice(files, 'images') ?? twice(own, 'masks');
    const missing = channels.filter((channel) => !files.some(({ part }) => part === channel));
    if (clash !== undefined) problems.push(clash);
    else if (missing.length > 0) {
      problems.push(failure('case-incomplete', { name, missing, cases: images.size }));
    } else if (![...files, ...own].some(({ item }) => item.kind !== 'data') && own.length > 0) {
      const paths = new Map(files.map(({ part, item }) => [part, item.path]));
      const named = new Map(own.map(({ part, item }) => [part, item.path]));
      for (const one of classes) if (!named.has(one)) lacking.set(one, (lacking.get(one) ?? 0) + 1);
      const masked = classFiles(named, classes);
      pairs.push({ name, images: channels.map((channel) => paths.get(channel) ?? ''), ...masked });
    }
  }
  const hasChannels = channels[0] !== '';
  const hasClasses = classes[0] !== '';
  const notes = [
    ...(hasChannels ? [`the channels are, in this order, ${listText(channels, 'and')}`] : []),
    ...(hasClasses ? classNotes(classes) : []),
    ...[...lacking].map(
      ([name, count]) =>
        `${count} of ${pairs.length} cases have no file for the class ${name}, and are read as without it`,
    ),
  ];
  const description = {
    ...(hasChannels ? { channelNames: channels } : {}),
    ...(hasClasses ? { classNames: ['background', ...classes] } : {}),
  };
  return { pairs, problems, notes, ...(hasChannels || hasClasses ? { description } : {}) };
}
