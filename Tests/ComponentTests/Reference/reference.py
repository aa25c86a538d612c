"""What the scripts beside it share: named float64 tensors, written as one safetensors file a family.

    pip install keras==3.15.1 jax==0.10.2 optax scikit-learn
    python3 make_losses.py; python3 make_metrics.py; …

Keras runs on JAX with 64-bit floats. Numbers come from fixed seeds, so that every run writes the same bytes.
"""
import json
import os
import struct
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np

from keras.src.backend.common import dtypes

keras.config.set_floatx("float64")
# Keras takes float32 for the common type of float64 and float32.
result_type = dtypes.result_type


def common_type(*types):
    return "float64" if "float64" in map(str, types) else result_type(*types)


for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("keras") and getattr(module, "result_type", None) is result_type:
        module.result_type = common_type


class Family:
    """The tensors of one family of components, named COMPONENT/WHAT."""

    def __init__(self, name, seed):
        self.name = name
        self.rng = np.random.default_rng(seed)
        self.tensors = {}

    def add(self, component, **tensors):
        for what, value in tensors.items():
            value = np.asarray(value)
            if value.dtype.kind == "f":
                value = value.astype(np.float64)
            elif value.dtype.kind in "iub":
                value = value.astype(np.int32)
            self.tensors[f"{component}/{what}"] = value

    def normal(self, *shape, scale=1.0):
        return np.round(self.rng.normal(0, scale, shape), 3)

    def uniform(self, low, high, *shape):
        return np.round(self.rng.uniform(low, high, shape), 3)

    def write(self):
        names = {np.dtype(np.float64): "F64", np.dtype(np.int32): "I32"}
        header, offset = {}, 0
        for name, value in self.tensors.items():
            header[name] = {"dtype": names[value.dtype], "shape": list(value.shape),
                            "data_offsets": [offset, offset + value.nbytes]}
            offset += value.nbytes
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{self.name}.safetensors")
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for value in self.tensors.values():
                file.write(np.ascontiguousarray(value).tobytes())
        print(f"{path}: {len(self.tensors)} tensors, {8 + len(text) + offset} bytes")
