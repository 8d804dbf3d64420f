/** How files become what a page shows. */
export interface ViewOptions {
  /** Whether the image is a stack of planes or a volume, where the file does not tell. */
  readonly as?: 'planes' | 'volume';
  /** Only this image of a file with several, from 0. */
  readonly page?: number;
  /** The array of a file with several (.npz, HDF5). */
  readonly array?: string;
  /** The files of the other channels, where each channel has a file of its own. */
  readonly channels?: readonly string[];
  /** The names of classes, by their value in the masks: "255", "#ff8000". */
  readonly names?: ReadonlyMap<string, string>;
}
