#!/usr/bin/env bash
# Makes a Python environment with the packages that the tests of peers compare with (npm run test:peers).
# It is made once, outside of the checkout: in $UNET_PEERS, or ~/.cache/unet-lang/peers.
set -euo pipefail
folder=${UNET_PEERS:-$HOME/.cache/unet-lang/peers}
if [ ! -x "$folder/bin/python" ]; then python3 -m venv "$folder"; fi
"$folder/bin/pip" install --quiet --only-binary :all: \
  numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6 nibabel==5.4.2 pynrrd==1.1.3 SimpleITK==2.5.7 \
  Pillow==13.0.0 h5py==3.16.0 zarr==3.1.6 pydicom==3.0.2
npm install --prefix "$folder/node" --ignore-scripts --no-audit --no-fund --silent @itk-wasm/dicom@7.6.4
"$folder/bin/python" -c 'import numpy, tifffile, nibabel, nrrd, SimpleITK, PIL; print("the peers are in", __import__("sys").prefix)'
