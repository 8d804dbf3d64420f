/** The mean and the variance of values that arrive in parts (Chan, Golub & LeVeque 1979). */
export class RunningMoments {
  private total = 0;
  private current = 0;
  private squares = 0;

  /** Adds a part by its own mean and variance, with the weight that it has as a whole. */
  add(weight: number, mean: number, variance: number): void {
    const total = this.total + weight;
    const difference = mean - this.current;
    this.squares += variance * weight + (difference * difference * this.total * weight) / total;
    this.current += (difference * weight) / total;
    this.total = total;
  }

  get weight(): number {
    return this.total;
  }

  get mean(): number {
    return this.current;
  }

  /** The standard deviation, divided by the whole weight; 0 before the first part. */
  get std(): number {
    return this.total === 0 ? 0 : Math.sqrt(this.squares / this.total);
  }
}
