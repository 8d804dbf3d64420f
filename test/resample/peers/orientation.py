"""Turns a volume to each orientation from each other with nibabel: the order of voxels and the affine."""

import json
import sys

import numpy as np
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    ornt_transform,
)

request = json.load(sys.stdin)
sizes = request["sizes"]
affine = np.array(request["affine"])
# nibabel's arrays are (x, y, z).
volume = np.arange(np.prod(sizes)).reshape(sizes).transpose()
results = []
for source in request["codes"]:
    for target in request["codes"]:
        turn = ornt_transform(axcodes2ornt(source), axcodes2ornt(target))
        turned = apply_orientation(volume, turn)
        new = affine @ inv_ornt_aff(turn, volume.shape)
        results.append([turned.transpose().ravel().tolist(), new.tolist()])
json.dump(results, sys.stdout)
