"""Writes cases.npz: the node tests of the ONNX standard for the operators that docs/onnx.md lists.

They come from the Python package `onnx` (Apache License 2.0), which computes them:

    python3 -m venv venv && venv/bin/pip install onnx==1.23.2 && venv/bin/python make_cases.py

The file holds one array of bytes, `cases`, which is a safetensors file: for each case its model as bytes, `NAME/model`,
and its tensors, `NAME/input/N` and `NAME/output/N`.
"""

import json
import pathlib
import re
import warnings

import ml_dtypes
import numpy
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")

FOLDER = pathlib.Path(__file__).resolve().parent
LARGEST_CASE = 100_000

DTYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
}


def supported_operators():
    """The operators of the first column of the tables in docs/onnx.md."""
    text = (FOLDER.parents[2] / "docs" / "onnx.md").read_text()
    return set(re.findall(r"^\| (\w+) \| \d+ \|", text, re.MULTILINE))


def operators(graph):
    """All operators of a graph and of those within it."""
    for node in graph.node:
        yield node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from operators(attribute.g)


def entries(case):
    """The tensors of a case by name; None where it has something that is no tensor of a supported type."""
    if len(case.data_sets) != 1:
        return None
    inputs, outputs = case.data_sets[0]
    found = [(f"{case.name}/model", numpy.frombuffer(case.model.SerializeToString(), numpy.uint8))]
    for kind, tensors in (("input", inputs), ("output", outputs)):
        for at, tensor in enumerate(tensors):
            if not isinstance(tensor, (numpy.ndarray, numpy.generic)):
                return None
            tensor = numpy.asarray(tensor)
            if tensor.dtype.name not in DTYPES:
                return None
            found.append((f"{case.name}/{kind}/{at}", tensor))
    return found


def safetensors(tensors):
    """The bytes of a safetensors file."""
    header, data = {}, []
    offset = 0
    for name, tensor in sorted(tensors, key=lambda entry: -entry[1].dtype.itemsize):
        raw = numpy.ascontiguousarray(tensor).tobytes()
        header[name] = {
            "dtype": DTYPES[tensor.dtype.name], "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(raw)],
        }
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(data)


def main():
    known = supported_operators()
    chosen, skipped = [], 0
    for case in sorted(collect_testcases(None), key=lambda case: case.name):
        opsets = {entry.domain: entry.version for entry in case.model.opset_import}
        if not set(operators(case.model.graph)) <= known or opsets.get("", 0) < 7:
            continue
        tensors = entries(case)
        if tensors is None:
            continue
        if sum(tensor.nbytes for _, tensor in tensors) > LARGEST_CASE:
            skipped += 1
            continue
        chosen += tensors
    names = {name.split("/")[0] for name, _ in chosen}
    numpy.savez_compressed(FOLDER / "cases.npz", cases=numpy.frombuffer(safetensors(chosen), numpy.uint8))
    size = (FOLDER / "cases.npz").stat().st_size
    print(f"{len(names)} cases, {size} bytes; {skipped} larger than {LARGEST_CASE} bytes left out")


main()
