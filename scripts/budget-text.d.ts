export interface RoomSize {
  readonly files: number;
  readonly lines: number;
}

/** A budget with some headroom over what is there now. */
export function budgetOf(counts: ReadonlyMap<string, RoomSize>): Readonly<Record<string, RoomSize>>;

/** A row for each room, then the warnings. */
export function budgetText(
  counts: ReadonlyMap<string, RoomSize>,
  budget: Readonly<Record<string, RoomSize>>,
): string;
