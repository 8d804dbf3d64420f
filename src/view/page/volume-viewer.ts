import { MULTIPLANAR_TYPE, Niivue, NVImage, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import { valueOfCode } from '../coded-values.js';
import type { ViewState } from './view-state.js';
import { imageFile, overlayFile, paintOverlay } from './volume-volumes.js';

const VIEWS: Readonly<Record<string, SLICE_TYPE>> = {
  all: SLICE_TYPE.MULTIPLANAR,
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  render: SLICE_TYPE.RENDER,
};

type Triple = readonly [number, number, number];

/** How far keys move the crosshair: right, anterior, superior. */
const MOVES: Readonly<Record<string, Triple>> = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  PageUp: [0, 0, 1],
  PageDown: [0, 0, -1],
};

/** The place of the crosshair. */
export interface Location {
  /** Column, row and slice of the file. */
  readonly voxel: Triple;
  /** Millimetres, or the unit of the file: right, anterior, superior. */
  readonly place: Triple;
}

/** Shows a volume in three planes and in 3D. */
export class VolumeViewer {
  private channel = 0;
  private windowKey = '';
  private overlayKey = '';
  private waiting = false;

  private constructor(
    readonly niivue: Niivue,
    private readonly state: ViewState,
  ) {}

  /** Undefined where the browser has no WebGL 2. */
  static async start(
    canvas: HTMLCanvasElement,
    state: ViewState,
    onLocation: (location: Location) => void,
  ): Promise<VolumeViewer | undefined> {
    // Asked of another canvas: one that has tried in vain has no context any more.
    if (document.createElement('canvas').getContext('webgl2') === null) return undefined;
    const niivue = new Niivue({
      ...{ logLevel: 'silent', loadingText: '', dragAndDropEnabled: false, isResizeCanvas: true },
      ...{ backColor: [0, 0, 0, 1], crosshairColor: [1, 1, 1, 0.7], fontColor: [0.9, 0.9, 0.9, 1] },
      ...{
        show3Dcrosshair: true,
        crosshairWidth: 0.3,
        crosshairWidthUnit: 'percent' as const,
        isOrientationTextVisible: state.page.isPlaced,
        multiplanarPadPixels: 4,
        tileMargin: 2,
      },
      ...{ multiplanarShowRender: SHOW_RENDER.ALWAYS, multiplanarLayout: MULTIPLANAR_TYPE.GRID },
      isNearestInterpolation: true,
    });
    niivue.onLocationChange = (location) => {
      const place = coordinates(location);
      if (place && niivue.volumes.length > 0) onLocation({ voxel: voxelAt(viewer.affine(), place), place });
    };
    const viewer = new VolumeViewer(niivue, state);
    const resize = niivue.resizeListener.bind(niivue);
    // A canvas that is hidden has no size, and niivue would draw into less than nothing.
    niivue.resizeListener = () => {
      if (canvas.offsetWidth > 0) resize();
    };
    await niivue.attachToCanvas(canvas);
    const image = await loaded(imageFile(state), 'image.nii');
    const overlays = state.page.masks.length > 0 ? [await loaded(overlayFile(state), 'labels.nii')] : [];
    // All at once: niivue would draw after each.
    niivue.volumes = [image, ...overlays];
    viewer.prepare();
    niivue.setVolume(image, 0);
    const { size } = state.page;
    viewer.moveTo([Math.floor(size[2] / 2), Math.floor(size[1] / 2), state.slice]);
    state.onChange(() => viewer.updateSoon());
    return viewer;
  }

  /** Puts the crosshair at a column, row and slice of the file. */
  moveTo(voxel: Triple): void {
    const { niivue } = this;
    const affine = this.affine();
    const place = [0, 1, 2].map((i) =>
      voxel.reduce((sum, index, j) => sum + index * (affine[i]?.[j] ?? 0), affine[i]?.[3] ?? 0),
    );
    niivue.scene.crosshairPos = niivue.mm2frac([place[0] ?? 0, place[1] ?? 0, place[2] ?? 0], 0, true);
    niivue.createOnLocationChange();
    niivue.drawScene();
  }

  /** Where niivue reads from the header that voxels lie. */
  private affine(): readonly (readonly number[])[] {
    return this.niivue.volumes[0]?.hdr?.affine ?? [];
  }

  /** What an arrow key or a page key does: false for other keys. */
  press(key: string): boolean {
    const { niivue } = this;
    const [x, y, z] = MOVES[key] ?? [0, 0, 0];
    if (x === 0 && y === 0 && z === 0) return false;
    if (niivue.opts.sliceType === SLICE_TYPE.RENDER) {
      niivue.setRenderAzimuthElevation(
        niivue.scene.renderAzimuth + 10 * x,
        niivue.scene.renderElevation + 10 * (y + z),
      );
    } else niivue.moveCrosshairInVox(x, y, z);
    return true;
  }

  show(view: string): void {
    this.niivue.setSliceType(VIEWS[view] ?? SLICE_TYPE.MULTIPLANAR);
    // The window may have changed while the canvas was hidden.
    this.niivue.resizeListener();
  }

  setRadiological(on: boolean): void {
    this.niivue.setRadiologicalConvention(on);
  }

  /** Whether 3D shows the masks without the image. */
  setMasksOnly(on: boolean): void {
    this.niivue.setOpacity(0, on ? 0 : 1);
  }

  private updateSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.update();
    });
  }

  /** Brings the numbers of niivue's volumes to the state, and tells which have changed. */
  private prepare(): { readonly image: boolean; readonly overlay: boolean } {
    const { niivue } = this;
    const state = this.state;
    const { page } = state;
    const [image, overlay] = niivue.volumes;
    if (image === undefined) return { image: false, overlay: false };
    const index = page.colour ? 0 : state.channel;
    const windowKey = [state.channel, state.low[index], state.high[index]].join();
    const overlayKey = [
      state.opacity,
      state.styles,
      state.shown,
      state.compared,
      state.differencesShown,
    ].join(';');
    if (windowKey !== this.windowKey) this.updateImage(image);
    if (overlay?.img && overlayKey !== this.overlayKey) {
      const { img } = overlay;
      paintOverlay(state, new Uint8Array(img.buffer, img.byteOffset, img.byteLength));
    }
    const changed = { image: windowKey !== this.windowKey, overlay: overlayKey !== this.overlayKey };
    [this.windowKey, this.overlayKey] = [windowKey, overlayKey];
    return changed;
  }

  private update(): void {
    const changed = this.prepare();
    const { niivue } = this;
    const [, overlay] = niivue.volumes;
    if (changed.image) niivue.updateGLVolume();
    else if (changed.overlay && overlay) {
      // The image stays as it is.
      niivue.refreshLayers(overlay, 1);
      niivue.drawScene();
    }
  }

  private updateImage(image: NVImage): void {
    const state = this.state;
    const channel = state.page.channels[state.channel];
    if (channel === undefined) return;
    if (state.page.colour || this.channel !== state.channel) {
      this.channel = state.channel;
      const header = 352;
      const bytes = new Uint8Array(imageFile(state), header);
      if (image.img?.byteLength === bytes.length) {
        new Uint8Array(image.img.buffer, image.img.byteOffset, image.img.byteLength).set(bytes);
      }
    }
    if (state.page.colour) return;
    const ends = [state.low, state.high].map((codes) => valueOfCode(channel, codes[state.channel] ?? 0));
    // A negative slope turns the window round.
    [image.cal_min, image.cal_max] = [Math.min(...ends), Math.max(...ends)];
  }
}

/** A volume from the bytes of a NIfTI file. */
function loaded(bytes: ArrayBuffer, name: string): Promise<NVImage> {
  return NVImage.loadFromFile({ file: new File([bytes], name), name, colormap: 'gray', opacity: 1 });
}

/** Where the crosshair is, of what niivue says about it: right, anterior, superior. */
function coordinates(location: unknown): Triple | undefined {
  if (typeof location !== 'object' || location === null) return undefined;
  const values: unknown = Reflect.get(location, 'mm');
  if (!(Array.isArray(values) || values instanceof Float32Array)) return undefined;
  const [x, y, z] = Array.from(values, Number);
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
}

/** The voxel at a place, by Cramer's rule. */
function voxelAt(affine: readonly (readonly number[])[], place: Triple): Triple {
  const column = (j: number): Triple => [affine[0]?.[j] ?? 0, affine[1]?.[j] ?? 0, affine[2]?.[j] ?? 0];
  const [a, b, c, origin] = [column(0), column(1), column(2), column(3)];
  const from: Triple = [place[0] - origin[0], place[1] - origin[1], place[2] - origin[2]];
  const whole = determinant(a, b, c);
  return [determinant(from, b, c) / whole, determinant(a, from, c) / whole, determinant(a, b, from) / whole];
}

function determinant(a: Triple, b: Triple, c: Triple): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) +
    a[1] * (b[2] * c[0] - b[0] * c[2]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  );
}
