"""Trains a graph of ops in PyTorch: somebody else's implementation of the same steps. Prints the loss before each."""
import json
import sys

import numpy
import torch
import torch.nn.functional as F

folder = sys.argv[1]
job = json.load(open(f"{folder}/job.json"))
torch.set_num_threads(1)
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
            y = torch.softmax(x[0], 1)
        else:
            raise NotImplementedError(kind)
        values.append(y)
    return values


def logits(values, output):
    """What the head, a softmax or a sigmoid, is given: losses are those of logits. With the name of the head."""
    head = job["nodes"][output]
    assert head["kind"] in ("softmax", "sigmoid"), head["kind"]
    return values[head["inputs"][0]], head["kind"]


def space(x):
    """Of (N, K, ...spatial), all but samples and classes."""
    return tuple(range(2, x.dim()))


def targets(z, labels):
    """(N, K, ...spatial): 1 where a class is the true one; of a single class, whether it is there."""
    if z.shape[1] == 1:
        return labels[:, None].float()
    return F.one_hot(labels, z.shape[1]).movedim(-1, 1).float()


def probabilities(z, head):
    return torch.softmax(z, 1) if head == "softmax" else torch.sigmoid(z)


def cross_entropy(z, head, labels, w, _):
    assert head == "softmax"
    return (w * F.cross_entropy(z, labels, reduction="none")).sum() / w.sum()


def labelled(z, labels, w):
    """The samples with any label: the mean over samples is one over these."""
    keep = w.flatten(1).sum(1) > 0
    return z[keep], labels[keep], w[keep]


def bce(z, head, labels, w, _):
    assert head == "sigmoid"
    each = F.binary_cross_entropy_with_logits(z, targets(z, labels), reduction="none")
    return (w[:, None] * each).sum() / (w.sum() * z.shape[1])


def foreground(each, o):
    """Of (..., K), what `background` keeps."""
    return each if o.get("background", True) or each.shape[-1] == 1 else each[..., 1:]


def dice(z, head, labels, w, o):
    if not o["batch"]:
        z, labels, w = labelled(z, labels, w)
    p, g, w = probabilities(z, head), targets(z, labels), w[:, None]
    over = (0, *space(z)) if o["batch"] else space(z)
    s = o["smooth"]
    below = p**2 + g**2 if o["squared"] else p + g
    each = 1 - (2 * (w * p * g).sum(over) + s) / ((w * below).sum(over) + s)
    return foreground(each, o).mean()


def tversky_index(z, head, labels, w, o):
    z, labels, w = labelled(z, labels, w)
    p, g, w = probabilities(z, head), targets(z, labels), w[:, None]
    tp, fp, fn = [(w * x).sum(space(z)) for x in (p * g, p * (1 - g), (1 - p) * g)]
    return foreground((tp + o["smooth"]) / (tp + o["fp_weight"] * fp + o["fn_weight"] * fn + o["smooth"]), o)


def tversky(*a):
    return (1 - tversky_index(*a)).mean()


def focal_tversky(z, head, labels, w, o):
    # The sum over classes, the mean over samples.
    return ((1 - tversky_index(z, head, labels, w, o)) ** o["exponent"]).sum(-1).mean()


def focal(z, head, labels, w, o):
    if head == "softmax":
        log = -F.cross_entropy(z, labels, reduction="none")
        is_foreground = labels > 0
    else:
        log = -F.binary_cross_entropy_with_logits(z, targets(z, labels), reduction="none")
        is_foreground = targets(z, labels) > 0
        w = w[:, None].expand_as(z)
    a = 1
    if o.get("alpha") is not None:
        a = torch.where(is_foreground, torch.tensor(o["alpha"]), torch.tensor(1 - o["alpha"]))
    return (w * -a * (1 - log.exp()) ** o["gamma"] * log).sum() / w.sum()


def generalized_dice(z, head, labels, w, o):
    z, labels, w = labelled(z, labels, w)
    p, g, w = probabilities(z, head), targets(z, labels), w[:, None]
    true = (w * g).sum(space(z))
    factor = 1 / true**2
    factor[torch.isinf(factor)] = 0
    # As in MONAI, an absent class has the largest weight of those that are there. This one counts as 1.
    largest = factor.amax(1, keepdim=True)
    factor = torch.where(true > 0, factor, largest) / largest
    above = 2 * (factor * (w * p * g).sum(space(z))).sum(1) + o["smooth"]
    below = (factor * (w * (p + g)).sum(space(z))).sum(1) + o["smooth"]
    return (1 - above / below).mean()


losses = {
    f.__name__: f for f in (cross_entropy, bce, dice, tversky, focal_tversky, focal, generalized_dice)
}


def loss_of(values, labels, w):
    """The terms of the loss at each output, with weights that are halved from resolution to resolution."""
    outputs = sorted((logits(values, i) for i in job["outputs"]), key=lambda output: -output[0].numel())
    shares = [0.5**i for i in range(len(outputs))]
    if len(shares) > 2:
        # The coarsest of several has no part (Isensee et al. 2021, supplement).
        shares[-1] = 0
    total = 0
    for share, (z, head) in zip(shares, outputs):
        size = z.shape[2:]
        # The nearest positions: those whose middles are the nearest.
        near = [F.interpolate(x[:, None].float(), size=size, mode="nearest-exact")[:, 0] for x in (labels, w)]
        for term in job["loss"]:
            o = term["loss"]
            value = losses[o["kind"]](z, head, near[0].long(), near[1], o)
            total = total + share / sum(shares) * term["weight"] * value
    return total


o = job["optimizer"]
if o["kind"] == "sgd":
    optimizer = torch.optim.SGD(
        trained, o["rate"], momentum=o["momentum"], nesterov=o["nesterov"], weight_decay=o["weight_decay"]
    )
else:
    make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["kind"]]
    optimizer = make(trained, o["rate"], weight_decay=o["weight_decay"])
for _ in range(job["steps"]):
    images, labels, weights = take(job["images"]), take(job["labels"])[:, 0].long(), take(job["labels"])[:, 0]
    optimizer.zero_grad()
    loss = loss_of(run(images), labels, weights)
    loss.backward()
    if job["clip"] is not None:
        torch.nn.utils.clip_grad_norm_(trained, job["clip"])
    optimizer.step()
    print(f"{loss.item():.9g}")
