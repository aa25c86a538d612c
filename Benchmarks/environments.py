"""The peers' environments: each a virtual environment of its own, with the versions of peers/requirements.

`prepare` makes those that are missing, and says why one can't be had; nothing else depends on it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from typing import List

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, "peers", "requirements")


def known() -> List[str]:
    """The environments there are requirements for."""
    return sorted(name[:-4] for name in os.listdir(REQUIREMENTS) if name.endswith(".txt"))


def python(env: str, name: str) -> str:
    return os.path.join(env, name, "bin", "python")


def prepare(env: str, name: str) -> bool:
    """Makes the environment `name` below `env` unless it is there already; says whether it is usable."""
    requirements = os.path.join(REQUIREMENTS, name + ".txt")
    if not os.path.exists(requirements):
        print(f"{name}: no such environment; there are {', '.join(known())}", file=sys.stderr)
        return False
    with open(requirements, "rb") as f:
        wanted = hashlib.sha256(f.read()).hexdigest()
    folder = os.path.join(env, name)
    stamp = os.path.join(folder, "requirements.sha256")
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as f:
            if f.read() == wanted:
                return True
    print(f"{name}: installing", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True)
    if made.returncode == 0:
        made = subprocess.run(
            [python(env, name), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:",
             "-r", requirements], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        lines = [line for line in (made.stderr or made.stdout).splitlines() if line.strip()]
        print(f"{name}: skipped, it can't be installed: {lines[-1] if lines else 'no reason given'}", file=sys.stderr)
        return False
    with open(stamp, "w", encoding="ascii") as f:
        f.write(wanted)
    return True
