"""NumPy: matrix products by the BLAS inside it (OpenBLAS in its wheels)."""

from __future__ import annotations

import numpy as np

import peerlib


class NumpyPeer(peerlib.Peer):
    name = "numpy"
    variants = ("blas",)

    def version(self):
        blas = np.show_config("dicts")["Build Dependencies"]["blas"]
        return f"{np.__version__} ({blas['name']} {blas['version']})"

    def infer(self, workload, params, inputs):
        if workload not in ("I5a", "I5b"):
            raise peerlib.Unsupported(workload)
        a, b = inputs["a"], inputs["b"]
        out = np.empty((a.shape[0], b.shape[1]), np.float32)
        return lambda: np.matmul(a, b, out=out), lambda result: result


if __name__ == "__main__":
    peerlib.run_main(NumpyPeer)
