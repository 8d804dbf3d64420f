/** A step that takes the planes of a volume (or the rows of an image) one after the other, and gives planes to the next. */
export interface PlaneSink {
  /** Where the next plane may be written before `push`. Only until then does its content stay. */
  room(): Float32Array;
  /** Takes the next plane: `room()`, or numbers that the step does not keep. */
  push(plane: Float32Array): void;
}
