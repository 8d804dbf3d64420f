/** Counts the windows of several models over several images, as one. */
export class WindowProgress {
  private readonly done: number[];
  /** Of the present image: what its plan says until the model does. */
  private totals: number[];
  /** Of the images that are finished. */
  private before = 0;
  private left: number;

  /**
   * @param windows of an image, for each model
   * @param images that are not finished
   */
  constructor(
    private readonly windows: readonly number[],
    images: number,
    private readonly report: (done: number, total: number) => void,
  ) {
    this.done = windows.map(() => 0);
    this.totals = [...windows];
    this.left = images - 1;
  }

  /** Goes on to the next image. */
  next(): void {
    this.before += sum(this.totals);
    this.left -= 1;
    this.totals = [...this.windows];
    this.done.fill(0);
  }

  /** A model has done so many windows of the image. It says how many there are: fewer than planned after a stop. */
  update(model: number, done: number, total: number): void {
    this.done[model] = done;
    this.totals[model] = total;
    this.report(this.before + sum(this.done), this.before + sum(this.totals) + this.left * sum(this.windows));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
