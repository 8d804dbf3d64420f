"""nnU-Net's own labels of regions, for regions.peers.ts: reads cases.json in the folder, writes answers.json."""

import json
import sys
from pathlib import Path

import numpy as np
from nnunetv2.utilities.label_handling.label_handling import LabelManager

folder = Path(sys.argv[1])
answers = []
for case in json.loads((folder / "cases.json").read_text()):
    order, shape = case["order"], case["shape"]
    # Any regions will do: the rule depends on their number and order alone.
    labels = {"background": 0, **{f"r{k}": [1, k + 2] for k in range(len(order))}}
    manager = LabelManager(labels, order)
    logits = np.asarray(case["logits"], dtype=np.float32).reshape(shape)
    from_logits = manager.convert_logits_to_segmentation(logits)
    probabilities = np.asarray(case["probabilities"], dtype=np.float32).reshape(shape)
    from_probabilities = manager.convert_probabilities_to_segmentation(probabilities)
    answers.append({
        "logits": np.asarray(from_logits).astype(int).ravel().tolist(),
        "probabilities": np.asarray(from_probabilities).astype(int).ravel().tolist(),
    })
(folder / "answers.json").write_text(json.dumps(answers))
