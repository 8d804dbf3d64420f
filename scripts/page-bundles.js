// What esbuild makes for the pages of `unet view` and of reports: scripts that pages contain as they are.
import { fileURLToPath } from 'node:url';

/** niivue also reads Zarr, with codecs that are larger than all the rest of it; pages hand it nothing but NIfTI. */
const withoutZarr = {
  name: 'without-zarr',
  setup(build) {
    build.onResolve({ filter: /^(zarrita|@zarrita\/storage|numcodecs)(\/|$)/ }, ({ path }) => ({
      path,
      namespace: 'without-zarr',
    }));
    build.onLoad({ filter: /.*/, namespace: 'without-zarr' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** The scripts of pages: one file each, smaller than it is readable. */
export const pageScripts = {
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  bundle: true,
  minify: true,
  plugins: [withoutZarr],
  target: 'es2022',
  platform: 'browser',
  format: 'esm',
  charset: 'utf8',
  loader: { '.png': 'dataurl' },
  entryPoints: {
    'view-planes': 'src/view/page/planes-main.ts',
    'view-volume': 'src/view/page/volume-main.ts',
    'view-table': 'src/view/page/table-main.ts',
  },
  outdir: 'dist',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
