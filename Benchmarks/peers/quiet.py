"""What keeps measurements from disturbing each other."""

from __future__ import annotations

import fcntl
import os
from typing import Dict, Optional, TextIO


class Quiet:
    """An exclusive lock on a file, if one is named: others that lock it wait meanwhile."""

    def __init__(self, path: str):
        self.path = path
        self.file: Optional[TextIO] = None

    def __enter__(self) -> "Quiet":
        if self.path:
            self.file = open(self.path, "w", encoding="utf-8")
            fcntl.flock(self.file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *error: object) -> None:
        if self.file:
            self.file.close()


def clean_environment() -> Dict[str, str]:
    """This environment without variables that choose a library's code in place of the library."""
    chosen = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA",
              "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")
    return {key: value for key, value in os.environ.items() if key not in chosen}
