/** A page of a case has at most so many bytes. */
export const MOST_CASE_BYTES = 20e6;
/** All pages of a report together have at most so many bytes, unless a number of pages is asked for. */
export const MOST_REPORT_BYTES = 500e6;

/** Decides how many cases have a page, the first ones: a page can link to the next before the next is made. */
export class PageBudget {
  private bytes = 0;
  private made = 0;

  /** @param wanted how many pages; as many as fit into MOST_REPORT_BYTES when left out */
  constructor(
    private readonly cases: number,
    private readonly wanted: number | undefined,
  ) {}

  /** Whether the case after those that have a page has one as well, or `ahead` cases later. */
  hasPage(ahead = 0): boolean {
    const index = this.made + ahead;
    if (index >= this.cases) return false;
    if (this.wanted !== undefined) return index < this.wanted;
    return this.bytes + (ahead + 1) * MOST_CASE_BYTES <= MOST_REPORT_BYTES;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.made += 1;
  }

  get pages(): number {
    return this.made;
  }

  get totalBytes(): number {
    return this.bytes;
  }
}
