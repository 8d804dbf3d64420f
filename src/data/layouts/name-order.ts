/** Kinds of images in the order in which their channels are stacked, as BraTS and nnU-Net have them. */
const MODALITIES = [
  ...['t1', 't1n', 't1w', 't1ce', 't1gd', 't1c', 't1post', 't2', 't2w', 'flair', 't2f', 't2flair'],
  ...['pd', 'pdw', 'swi', 'dwi', 'adc', 'perf', 'cbf', 'cbv', 'ct', 'cta', 'pet', 'suv'],
];

/** Whether a name is that of a kind of images, such as a sequence of MRI. */
export function isModality(name: string): boolean {
  return MODALITIES.includes(name.toLowerCase());
}

/** Kinds of images in their usual order, then numbers by size, then the others by code units. */
export function inChannelOrder(names: Iterable<string>): readonly string[] {
  const rank = (name: string) => {
    const index = MODALITIES.indexOf(name.toLowerCase());
    return index < 0 ? MODALITIES.length : index;
  };
  return [...inNameOrder(names)].sort((a, b) => rank(a) - rank(b));
}

/** Numbers by size, then the others by code units: the same on every machine. */
export function inNameOrder(names: Iterable<string>): readonly string[] {
  const numberOf = (name: string) => (/^\d+$/.test(name) ? Number(name) : Number.POSITIVE_INFINITY);
  return [...new Set(names)].sort((a, b) => {
    const [first, second] = [numberOf(a), numberOf(b)];
    return first === second ? (a < b ? -1 : 1) : first - second;
  });
}
