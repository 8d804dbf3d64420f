#!/usr/bin/env bash
# Version: nibabel 5.4.2 beside SimpleITK 2.5.7, x86-64, Python 3.11.
#
# Behaviour: two readers give one NIfTI file sizes that differ by a factor of 1000. The header says that its lengths are
# micrometres (xyzt_units 3), as microscopes write them. SimpleITK converts: its spacing is 0.5, in mm. nibabel does not:
# its affine and its zooms hold 500, and its documentation calls the affine's world millimetres. Volumes, surface
# distances and resampling that are computed in "mm" through one and the other differ by 1e9, 1e3 and 1e3.
#
# Output seen:
#   nibabel 5.4.2, SimpleITK 2.5.7
#   unit in the header  micron
#   nibabel    affine 500  zooms 500
#   SimpleITK  spacing 0.5
#   volume of the image: 1e+09 and 1 cubic "mm"
#
# Right value: a voxel of 500 micrometres is 0.5 mm wide.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --only-binary :all: SimpleITK==2.5.7 nibabel==5.4.2 numpy==2.4.6

cat >finding.py <<'PY'
import sys

import nibabel
import numpy
import SimpleITK

print(f"nibabel {nibabel.__version__}, SimpleITK {SimpleITK.Version.VersionString()}")
image = nibabel.Nifti1Image(numpy.zeros((2, 2, 2), numpy.uint8), numpy.diag([500, 500, 500, 1]))
image.header.set_xyzt_units("micron")
nibabel.save(image, "cells.nii")

read = nibabel.load("cells.nii")
spacing = SimpleITK.ReadImage("cells.nii").GetSpacing()
affine, zoom = float(read.affine[0, 0]), float(read.header.get_zooms()[0])
print(f"unit in the header  {read.header.get_xyzt_units()[0]}")
print(f"nibabel    affine {affine:g}  zooms {zoom:g}")
print(f"SimpleITK  spacing {spacing[0]:g}")
print(f'volume of the image: {8 * affine**3:g} and {8 * spacing[0] ** 3:g} cubic "mm"')
if (affine, zoom, round(spacing[0], 6)) != (500, 500, 0.5):
    print("the behaviour has changed", file=sys.stderr)
    sys.exit(1)
PY
env/bin/python finding.py
