#!/usr/bin/env bash
# Version: SimpleITK 2.5.7 beside nibabel 5.4.2, x86-64, Python 3.11.
#
# Behaviour: SimpleITK reads NaN and infinite voxels of a float32 NIfTI file as 0, without a warning. The file is right:
# nibabel reads NaN from it, and SimpleITK itself wrote one of the two files. The same array in MetaImage keeps its NaN.
# A mask of "no measurement" thus becomes a plateau of zeros that looks like air or background, and a check for NaN
# after SimpleITK never finds one.
#
# Output seen:
#   SimpleITK 2.5.7, nibabel 5.4.2
#   written by nibabel    nibabel [1, nan, inf, -inf, 2]  SimpleITK [1, 0, 0, 0, 2]
#   written by SimpleITK  nibabel [1, nan, inf, -inf, 2]  SimpleITK [1, 0, 0, 0, 2]
#   MetaImage             SimpleITK [1, nan, inf, -inf, 2]
#
# Right values: [1, nan, inf, -inf, 2] in all three.
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

values = numpy.array([1, numpy.nan, numpy.inf, -numpy.inf, 2], numpy.float32)
print(f"SimpleITK {SimpleITK.Version.VersionString()}, nibabel {nibabel.__version__}")


def text(array):
    return "[" + ", ".join(f"{value:g}" for value in numpy.ravel(array)) + "]"


def by_itk(path):
    return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))


nibabel.save(nibabel.Nifti1Image(values.reshape(5, 1, 1), numpy.eye(4)), "a.nii")
image = SimpleITK.GetImageFromArray(values.reshape(1, 1, 5))
SimpleITK.WriteImage(image, "b.nii")
SimpleITK.WriteImage(image, "c.mha")

holds = True
for name, path in (("written by nibabel", "a.nii"), ("written by SimpleITK", "b.nii")):
    right = numpy.asarray(nibabel.load(path).dataobj)
    found = by_itk(path)
    print(f"{name:21} nibabel {text(right)}  SimpleITK {text(found)}")
    holds = holds and text(right) == text(values) and text(found) == "[1, 0, 0, 0, 2]"
print(f"MetaImage             SimpleITK {text(by_itk('c.mha'))}")
holds = holds and text(by_itk("c.mha")) == text(values)
if not holds:
    print("the behaviour has changed", file=sys.stderr)
    sys.exit(1)
PY
env/bin/python finding.py
