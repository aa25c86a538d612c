"""Writes examples.tfrecord with TensorBoard's record writer and messages of Google's protobuf library.

pip install tensorboard; python make_fixtures.py
"""

import os

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorboard.summary.writer.record_writer import RecordWriter

file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="t", syntax="proto3")


def message(name, *fields):
    """Adds a message type; a field is (name, number, type, label, type name)."""
    entry = file.message_type.add(name=name)
    for field, number, kind, label, kind_name in fields:
        added = entry.field.add(name=field, number=number, type=kind, label=label)
        if kind_name:
            added.type_name = kind_name
    return entry


message("BytesList", ("value", 1, 12, 3, None))
message("FloatList", ("value", 1, 2, 3, None))
message("Int64List", ("value", 1, 3, 3, None))
feature = message(
    "Feature",
    ("bytes_list", 1, 11, 1, ".t.BytesList"),
    ("float_list", 2, 11, 1, ".t.FloatList"),
    ("int64_list", 3, 11, 1, ".t.Int64List"),
)
features = message("Features", ("feature", 1, 11, 3, ".t.Features.FeatureEntry"))
entry = features.nested_type.add(name="FeatureEntry")
entry.options.map_entry = True
entry.field.add(name="key", number=1, type=9, label=1)
entry.field.add(name="value", number=2, type=11, label=1, type_name=".t.Feature")
message("Example", ("features", 1, 11, 1, ".t.Features"))

pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Example = message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Example"))

rows = [
    (30.5, [1, 2, 3], 1, bytes([0, 1, 2, 3]), "Bern"),
    (-1, [4, 5, 6], -7, bytes([4, 5, 6, 7]), "Genève"),
    (0, [0.5, 0.25, 0.125], 9_000_000_000, bytes([8, 9, 10, 255]), ""),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "examples.tfrecord")
with open(path, "wb") as stream:
    writer = RecordWriter(stream)
    for age, scores, number, pixels, city in rows:
        example = Example()
        feature = example.features.feature
        feature["age"].float_list.value.append(age)
        feature["scores"].float_list.value.extend(scores)
        feature["id"].int64_list.value.append(number)
        feature["pixels"].bytes_list.value.append(pixels)
        feature["city"].bytes_list.value.append(city.encode())
        writer.write(example.SerializeToString(deterministic=True))
