"""Writes reference.json: what NumPy (float64) says broadcasting gives.

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


BENCHMARK_LOSSES = {
    "T1": {"0": 2.6500404999368103, "1": 2.3987636131614014, "10": 0.9168961377885377, "25": 0.04796389318889116,
           "50": 0.005877116333977646},
    "T2": {"0": 3.5589528630398948, "1": 3.5058245454645394, "10": 2.3394314339090188, "25": 1.7993869334061043,
           "50": 0.9122761946535783},
    "T4": {"0": 2.442836217215237, "1": 2.5601590787271804, "10": 2.263304368178313, "25": 1.8612988905438832,
           "50": 1.3672413450128418},
}

with open("reference.json", "w", encoding="ascii") as file:
    json.dump({"broadcasting": broadcasting(), "benchmark losses": BENCHMARK_LOSSES}, file, indent=1)
    file.write("\n")
