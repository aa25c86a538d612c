"""Writes reference.json: what NumPy (float64) says broadcasting, losses and optimizers give.

Run `python3 make_reference.py` beside the file it writes. The values under "benchmark losses" are those of the
benchmark recipe's training workloads in float64, computed once and kept here as numbers.
"""
import json

import numpy as np

rng = np.random.default_rng(20)


def tensor(x):
    x = np.asarray(x, dtype=np.float64)
    return {"shape": list(x.shape), "values": [float(v) for v in x.ravel()]}


def broadcasting():
    rows = []
    operations = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "max": np.maximum}
    pairs = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (3,)), ((), (2, 2)), ((4, 1, 3), (2, 1)), ((1,), (2, 3)),
             ((2, 3, 4), (2, 3, 1)), ((1, 1), (1,))]
    for x_shape, y_shape in pairs:
        for name, function in operations.items():
            x = np.round(rng.uniform(-4, 4, x_shape), 3)
            y = np.round(rng.uniform(1, 4, y_shape), 3)
            rows.append({"op": name, "x": tensor(x), "y": tensor(y), "result": tensor(function(x, y))})
    return rows


def losses():
    logits = np.round(rng.normal(0, 2, (5, 4)), 3)
    labels = rng.integers(0, 4, 5)
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    softmax = {
        "outputs": tensor(logits), "labels": tensor(labels), "loss": float(-logs[np.arange(5), labels].mean()),
        "gradient": tensor((np.exp(logs) - np.eye(4)[labels]) / 5),
        "accuracy": float((logits.argmax(axis=1) == labels).mean())}
    targets = np.round(rng.uniform(0, 1, (5, 4)), 3)
    values = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    sigmoid = {
        "outputs": tensor(logits), "labels": tensor(targets), "loss": float(values.mean()),
        "gradient": tensor((1 / (1 + np.exp(-logits)) - targets) / 20)}
    difference = logits - targets
    squared = {
        "outputs": tensor(logits), "labels": tensor(targets), "loss": float((difference ** 2).mean()),
        "gradient": tensor(2 * difference / 20), "rmse": float(np.sqrt((difference ** 2).mean()))}
    return {"softmaxCrossEntropy": softmax, "sigmoidCrossEntropy": sigmoid, "meanSquaredError": squared}


def optimizers():
    start = np.round(rng.normal(0, 1, 6), 3)
    gradients = [np.round(rng.normal(0, 1, 6), 3) for _ in range(4)]
    out = {"start": tensor(start), "gradients": [tensor(g) for g in gradients], "after": {}}

    p = start.copy()
    for g in gradients:
        p = p - 0.1 * g
    out["after"]["sgd"] = tensor(p)

    for name, nesterov in [("momentum", False), ("nesterov", True)]:
        p, v = start.copy(), np.zeros(6)
        for g in gradients:
            v = 0.9 * v + g
            p = p - 0.1 * (g + 0.9 * v if nesterov else v)
        out["after"][name] = tensor(p)

    p, m, v = start.copy(), np.zeros(6), np.zeros(6)
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        p = p - 0.1 * (m / (1 - 0.9 ** t)) / (np.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
    out["after"]["adam"] = tensor(p)
    return out


BENCHMARK_LOSSES = {
    "T1": {"0": 2.6500404999368103, "1": 2.3987636131614014, "10": 0.9168961377885377, "25": 0.04796389318889116,
           "50": 0.005877116333977646},
    "T2": {"0": 3.5589528630398948, "1": 3.5058245454645394, "10": 2.3394314339090188, "25": 1.7993869334061043,
           "50": 0.9122761946535783},
    "T4": {"0": 2.442836217215237, "1": 2.5601590787271804, "10": 2.263304368178313, "25": 1.8612988905438832,
           "50": 1.3672413450128418},
}

with open("reference.json", "w", encoding="ascii") as file:
    json.dump({"broadcasting": broadcasting(), "losses": losses(), "optimizers": optimizers(),
               "benchmark losses": BENCHMARK_LOSSES}, file, indent=1)
    file.write("\n")
