"""Makes the files beside it: arrays that NumPy and the safetensors package wrote, for the tests to read.

Needs numpy, ml_dtypes and safetensors (0.8). Running it again gives the same bytes.
"""

import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors.numpy import save

HERE = Path(__file__).parent
DTYPES = {
    "f64": "<f8", "f32": "<f4", "f16": "<f2", "i64": "<i8", "i32": "<i4", "i16": "<i2", "i8": "|i1",
    "u64": "<u8", "u32": "<u4", "u16": "<u2", "u8": "|u1", "bool": "|b1",
}


def sample(name: str) -> np.ndarray:
    """Six numbers in two rows: halves from -1 for floats, -1 to 4 or 0 to 5 for integers, every third true."""
    index = np.arange(6).reshape(2, 3)
    if name == "bool":
        return index % 3 == 0
    if name.startswith("f"):
        return (index * 0.5 - 1).astype(DTYPES[name])
    return (index - (1 if name.startswith("i") else 0)).astype(DTYPES[name])


def zip64_archive(name: bytes, data: bytes) -> bytes:
    """One stored member, with every size and offset in zip64 records, as archives beyond 4 GiB have them."""
    common = struct.pack("<HHHHHIIIHH", 45, 0, 0, 0, 0x21, zlib.crc32(data), 2**32 - 1, 2**32 - 1, len(name), 20)
    local = b"PK\3\4" + common + name + struct.pack("<HHQQ", 1, 16, len(data), len(data)) + data
    common = struct.pack("<HHHHHIIIHH", 45, 0, 0, 0, 0x21, zlib.crc32(data), 2**32 - 1, 2**32 - 1, len(name), 28)
    entry = b"PK\1\2" + struct.pack("<H", 45) + common + struct.pack("<HHHII", 0, 0, 0, 0, 2**32 - 1) + name
    entry += struct.pack("<HHQQQ", 1, 24, len(data), len(data), 0)
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = b"PK\6\7" + struct.pack("<IQI", 0, len(local) + len(entry), 1)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    return local + entry + record + locator + end


def main() -> None:
    for name in DTYPES:
        np.save(HERE / f"{name}.npy", sample(name))
    np.save(HERE / "big-endian-i32.npy", sample("i32").astype(">i4"))
    np.save(HERE / "big-endian-f64.npy", sample("f64").astype(">f8"))
    np.save(HERE / "column-major-f32.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
    np.save(HERE / "scalar-f32.npy", np.float32(2.5))
    np.save(HERE / "empty-f32.npy", np.zeros((0, 3), "<f4"))
    np.save(HERE / "vector-i32.npy", np.arange(5, dtype="<i4"))
    with open(HERE / "version2-f32.npy", "wb") as file:
        np.lib.format.write_array(file, sample("f32"), version=(2, 0))
    with open(HERE / "version3-f32.npy", "wb") as file:
        np.lib.format.write_array(file, sample("f32"), version=(3, 0))
    np.save(HERE / "complex.npy", np.zeros(2, "<c8"))
    np.save(HERE / "structured.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))

    members = {"second": sample("i32"), "first": sample("f32"), "zeros": np.zeros((100, 10), "<f4")}
    np.savez(HERE / "stored.npz", **members)
    np.savez_compressed(HERE / "deflated.npz", **members)

    array = (HERE / "f32.npy").read_bytes()
    with zipfile.ZipFile(HERE / "damaged-member.npz", "w") as archive:
        archive.writestr(zipfile.ZipInfo("weights/a.npy"), array[:32])
    (HERE / "zip64.npz").write_bytes(zip64_archive(b"a.npy", array))

    tensors = {name: sample(name) for name in DTYPES} | {"bf16": sample("f32").astype(ml_dtypes.bfloat16)}
    (HERE / "all-dtypes.safetensors").write_bytes(save(tensors))
    pair = {"b": sample("f32"), "w": sample("f32")}
    (HERE / "metadata.safetensors").write_bytes(save(pair, {"title": 'quotes " and ümlauts\n'}))

    images = struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 2, 2) + bytes(range(8))
    (HERE / "u8.idx").write_bytes(images)
    (HERE / "u8.idx.gz").write_bytes(gzip.compress(images, mtime=0))
    codes = {"i8": (9, ">i1"), "i16": (11, ">i2"), "i32": (12, ">i4"), "f32": (13, ">f4"), "f64": (14, ">f8")}
    for name, (code, big_endian) in codes.items():
        header = struct.pack(">BBBB2I", 0, 0, code, 2, 2, 3)
        (HERE / f"{name}.idx").write_bytes(header + sample(name).astype(big_endian).tobytes())


if __name__ == "__main__":
    main()
