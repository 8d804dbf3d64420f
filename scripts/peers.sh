#!/usr/bin/env bash
# Makes a Python environment with the packages that the tests of peers compare with (npm run test:peers).
# It is made once, outside of the checkout: in $UNET_PEERS, or ~/.cache/unet-lang/peers.
set -euo pipefail
folder=${UNET_PEERS:-$HOME/.cache/unet-lang/peers}
if [ ! -x "$folder/bin/python" ]; then python3 -m venv "$folder"; fi
"$folder/bin/pip" install --quiet --only-binary :all: \
  numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6 nibabel==5.4.2 pynrrd==1.1.3 SimpleITK==2.5.7 \
  Pillow==13.0.0 h5py==3.16.0 zarr==3.1.6 pydicom==3.0.2 \
  scipy==1.17.1 scikit-image==0.26.0 opencv-python-headless==5.0.0.93 numba==0.68.1 matplotlib==3.11.2 six==1.17.0 tqdm==4.70.1 \
  shapely==2.2.0 roifile==2026.2.10 pycocotools==2.0.11
# Metrics: without what they need to train. MedPy comes as a source package, which pip builds.
"$folder/bin/pip" install --quiet --no-deps \
  surface-distance-based-measures==0.1 stardist==0.9.2 csbdeep==0.8.2 medpy==0.5.2
npm install --prefix "$folder/node" --ignore-scripts --no-audit --no-fund --silent @itk-wasm/dicom@7.6.4
"$folder/bin/python" -c 'import numpy, tifffile, nibabel, nrrd, SimpleITK, PIL; print("the peers are in", __import__("sys").prefix)'
# Two public images that a test trains with: nuclei in the package of StarDist (BSD-3), and a brain that Debian packages.
data="$folder/data"
if [ ! -f "$data/ch2bet.nii.gz" ]; then
  mkdir -p "$data" && work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
  "$folder/bin/pip" download --quiet --no-deps --dest "$work" stardist==0.9.2
  "$folder/bin/python" -m zipfile -e "$work"/stardist-*.whl "$work"
  cp "$work"/stardist/data/images/{img2d,mask2d}.tif "$data"
  # Only on Debian; without it, the test of the brain is left out.
  if (cd "$work" && apt-get download -qq mricron-data 2>/dev/null); then
    dpkg -x "$work"/mricron-data_*.deb "$work"
    cp "$work"/usr/share/mricron/templates/{ch2,ch2bet}.nii.gz "$data"
  fi
fi
