// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** Positions by their levels, the lowest first; of equal levels, those that came first. A binary heap. */
export class FloodQueue {
  private levels = new Float32Array(1024);
  private ages = new Float64Array(1024);
  private positions = new Int32Array(1024);
  private sources = new Int32Array(1024);
  private length = 0;
  private age = 0;
  /** What came with the position that `pop` returned last. */
  source = 0;

  push(level: number, position: number, source = 0): void {
    if (this.length === this.levels.length) this.grow();
    const { levels, ages, positions, sources } = this;
    const age = this.age++;
    // The level as it is stored, so that comparisons see equal numbers.
    const own = Math.fround(level);
    let at = this.length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // What is in the queue came before.
      if ((levels[parent] as number) <= own) break;
      this.move(parent, at);
      at = parent;
    }
    levels[at] = own;
    ages[at] = age;
    positions[at] = position;
    sources[at] = source;
  }

  /** Undefined if the queue is empty. */
  pop(): number | undefined {
    if (this.length === 0) return undefined;
    const { levels, ages, positions } = this;
    const first = positions[0] as number;
    this.source = this.sources[0] as number;
    const last = --this.length;
    const [level, age] = [levels[last] as number, ages[last] as number];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.isBefore(child + 1, child)) child++;
      const below = levels[child] as number;
      if (below > level || (below === level && (ages[child] as number) > age)) break;
      this.move(child, at);
      at = child;
    }
    this.move(last, at);
    return first;
  }

  private isBefore(a: number, b: number): boolean {
    const difference = (this.levels[a] as number) - (this.levels[b] as number);
    return difference < 0 || (difference === 0 && (this.ages[a] as number) < (this.ages[b] as number));
  }

  private move(from: number, to: number): void {
    this.levels[to] = this.levels[from] as number;
    this.ages[to] = this.ages[from] as number;
    this.positions[to] = this.positions[from] as number;
    this.sources[to] = this.sources[from] as number;
  }

  private grow(): void {
    const length = 2 * this.levels.length;
    const [levels, ages] = [new Float32Array(length), new Float64Array(length)];
    const [positions, sources] = [new Int32Array(length), new Int32Array(length)];
    levels.set(this.levels);
    ages.set(this.ages);
    positions.set(this.positions);
    sources.set(this.sources);
    [this.levels, this.ages, this.positions, this.sources] = [levels, ages, positions, sources];
  }
}
