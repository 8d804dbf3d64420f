#!/usr/bin/env bash
# Version: scikit-image 0.26.0 beside SimpleITK 2.5.7, x86-64, Python 3.11.
#
# Behaviour: `skimage.morphology.h_maxima` keeps two equally high peaks, however shallow the dip between them is. The usual
# seeds for separating touching nuclei are the h-maxima of the distance transform: two halves of a symmetric nucleus are
# then two nuclei. If one half is a little larger, the nucleus is whole, so it depends on the symmetry of the pixels. The
# documentation says that a maximum of height h has no path to an "equal or higher" maximum that stays above f(M) - h. The
# function returns the pixels that are h above the reconstruction, and not the maxima of the reconstruction.
#
# Output seen:
#   scikit-image 0.26.0, SimpleITK 2.5.7
#   the dip between the two peaks is 0.56 deep, h is 1
#   symmetric nucleus:  seeds by definition 1, SimpleITK 1, scikit-image 2
#   larger on one side: seeds by definition 1, SimpleITK 1, scikit-image 1
#
# Right value: 1. From one peak to the other the distance falls by less than h, so only one of them is an h-maximum.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --only-binary :all: scikit-image==0.26.0 SimpleITK==2.5.7 numpy==2.4.6 scipy==1.17.1

cat >finding.py <<'PY'
import sys

import numpy
import scipy.ndimage
import SimpleITK
import skimage
import skimage.measure
import skimage.morphology

H = 1


def discs(places):
    rows, columns = numpy.mgrid[:41, :70]
    return numpy.any([(rows - y) ** 2 + (columns - x) ** 2 <= r * r for y, x, r in places], axis=0)


def seeds_by_definition(distance):
    """Peaks from which one must go down by h or more to come to a higher pixel, or to an equal one that comes before."""
    count = 0
    inside = [tuple(p) for p in numpy.argwhere(distance > 0)]
    for peak in inside:
        level = distance[peak]
        seen, open_pixels, is_peak = {peak}, [peak], True
        while open_pixels and is_peak:
            y, x = open_pixels.pop()
            for near in [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
                if near in seen or distance[near] <= level - H:
                    continue
                seen.add(near)
                open_pixels.append(near)
                if distance[near] > level or (distance[near] == level and near < peak):
                    is_peak = False
        count += is_peak
    return count


def seeds(mask):
    distance = scipy.ndimage.distance_transform_edt(mask)
    image = SimpleITK.HMaxima(SimpleITK.GetImageFromArray(distance), H)
    regional = SimpleITK.GetArrayFromImage(SimpleITK.RegionalMaxima(image, fullyConnected=True, foregroundValue=1))
    found = skimage.morphology.h_maxima(distance, H)
    return (
        seeds_by_definition(distance),
        int(skimage.measure.label(regional * mask).max()),
        int(skimage.measure.label(found).max()),
    )


print(f"scikit-image {skimage.__version__}, SimpleITK {SimpleITK.Version.VersionString()}")
nucleus = discs([(20, 26, 14.5), (20, 36, 14.5)])
distance = scipy.ndimage.distance_transform_edt(nucleus)
print(f"the dip between the two peaks is {distance[20, 26] - distance[20, 31]:.2f} deep, h is {H}")
longer = discs([(20, 26, 14.5), (20, 36, 14.8)])
results = [seeds(nucleus), seeds(longer)]
for name, (definition, itk, scikit) in zip(["symmetric nucleus: ", "larger on one side:"], results):
    print(f"{name} seeds by definition {definition}, SimpleITK {itk}, scikit-image {scikit}")
if results != [(1, 1, 2), (1, 1, 1)]:
    print("the behaviour has changed", file=sys.stderr)
    sys.exit(1)
PY
env/bin/python finding.py
