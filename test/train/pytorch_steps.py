"""Trains a graph of ops in PyTorch: somebody else's implementation of the same steps. Prints the loss before each."""
import json
import sys

import numpy
import torch
import torch.nn.functional as F

folder = sys.argv[1]
job = json.load(open(f"{folder}/job.json"))
torch.set_num_threads(2)
torch.use_deterministic_algorithms(True, warn_only=True)
data = numpy.fromfile(f"{folder}/data.bin", dtype="float32")
place = 0


def take(shape):
    global place
    count = int(numpy.prod(shape)) if shape else 1
    values = torch.from_numpy(data[place : place + count].copy()).reshape(shape)
    place += count
    return values


tensors = {p["name"]: take(p["shape"]).requires_grad_(p["trainable"]) for p in job["parameters"]}
trained = [tensors[p["name"]] for p in job["parameters"] if p["trainable"]]
rank = job["rank"]
conv = [F.conv2d, F.conv3d][rank - 2]
transposed = [F.conv_transpose2d, F.conv_transpose3d][rank - 2]
max_pool = [F.max_pool2d, F.max_pool3d][rank - 2]
avg_pool = [F.avg_pool2d, F.avg_pool3d][rank - 2]


def sides(a):
    return [n for pair in reversed(list(zip(a["before"], a["after"]))) for n in pair]


def run(image):
    values = []
    for node in job["nodes"]:
        kind, a = node["kind"], node["attributes"]
        own = {p["role"]: tensors[p["name"]] for p in node["parameters"]}
        x = [values[i] for i in node["inputs"]]
        if kind == "input":
            y = image
        elif kind == "conv":
            y = conv(F.pad(x[0], sides(a)), own["weight"], own.get("bias"), a["stride"], 0, a["dilation"], a["groups"])
        elif kind == "convTranspose":
            y = F.pad(transposed(x[0], own["weight"], own.get("bias"), a["stride"]), [-n for n in sides(a)])
        elif kind == "maxPool":
            y = max_pool(x[0], a["window"], a["stride"])
        elif kind == "avgPool":
            y = avg_pool(x[0], a["window"], a["stride"])
        elif kind == "resize" and a["mode"] == "linear":
            mode = ["bilinear", "trilinear"][rank - 2]
            y = F.interpolate(x[0], scale_factor=a["factor"], mode=mode, align_corners=a["alignCorners"])
        elif kind == "resize":
            y = F.interpolate(x[0], scale_factor=a["factor"], mode="nearest")
        elif kind == "crop":
            y = F.pad(x[0], [-n for n in sides(a)])
        elif kind == "pad":
            mode = {"zero": "constant", "reflect": "reflect", "replicate": "replicate"}[a["mode"]]
            y = F.pad(x[0], sides(a), mode=mode)
        elif kind == "concat":
            y = torch.cat(x, 1)
        elif kind == "add":
            y = x[0] + x[1]
        elif kind == "mul":
            y = x[0] * x[1]
        elif kind == "globalAverage":
            y = x[0].mean(dim=tuple(range(2, 2 + rank)), keepdim=True)
        elif kind == "batchNorm":
            y = F.batch_norm(
                x[0], own["mean"], own["variance"], own.get("scale"), own.get("shift"), True, a["momentum"], a["eps"]
            )
        elif kind == "instanceNorm":
            y = F.instance_norm(x[0], weight=own.get("scale"), bias=own.get("shift"), eps=a["eps"])
        elif kind == "groupNorm":
            y = F.group_norm(x[0], a["groups"], own.get("scale"), own.get("shift"), a["eps"])
        elif kind == "relu":
            y = F.relu(x[0])
        elif kind == "leakyRelu":
            y = F.leaky_relu(x[0], a["slope"])
        elif kind == "prelu":
            y = F.prelu(x[0], own["slope"])
        elif kind == "gelu":
            y = F.gelu(x[0])
        elif kind == "silu":
            y = F.silu(x[0])
        elif kind == "sigmoid":
            y = torch.sigmoid(x[0])
        elif kind == "softmax":
            # The loss is one of logits.
            y = x[0]
        else:
            raise NotImplementedError(kind)
        values.append(y)
    return values[job["output"]]


o = job["optimizer"]
if o["kind"] == "sgd":
    optimizer = torch.optim.SGD(
        trained, o["rate"], momentum=o["momentum"], nesterov=o["nesterov"], weight_decay=o["weight_decay"]
    )
else:
    make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["kind"]]
    optimizer = make(trained, o["rate"], weight_decay=o["weight_decay"])
for _ in range(job["steps"]):
    images, labels = take(job["images"]), take(job["labels"])[:, 0].long()
    optimizer.zero_grad()
    loss = F.cross_entropy(run(images), labels)
    loss.backward()
    if job["clip"] is not None:
        torch.nn.utils.clip_grad_norm_(trained, job["clip"])
    optimizer.step()
    print(f"{loss.item():.9g}")
