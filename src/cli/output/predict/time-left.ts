/** Before that, a rate says little. */
const LEAST_MS = 1000;

/** Estimates how long work still takes, from the parts that are done. */
export class TimeLeft {
  private first: { readonly at: number; readonly part: number } | undefined;

  /** @param now a clock in ms */
  constructor(private readonly now: () => number) {}

  /**
   * The time in s, once the work is done up to `part` of 1; undefined until two reports are a second apart. What passed
   * before the first report counts for nothing: much of it happens once.
   */
  after(part: number): number | undefined {
    const at = this.now();
    this.first ??= { at, part };
    const { at: begun, part: before } = this.first;
    if (at - begun < LEAST_MS || part <= before) return undefined;
    return ((at - begun) * Math.max(0, 1 - part)) / (part - before) / 1000;
  }
}

/** In its two largest units: "40 s", "2 min 5 s", "1 h 20 min". */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.ceil(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
