"""`make bench`: every benchmark of this folder, one after another, each in its own process.

    python -m benchmarks            all of them
    python -m benchmarks network    one

Variables that pin OpenBLAS to a processor are removed, so that it chooses for this machine.
"""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main(names: list[str]) -> int:
    """The number of benchmarks that failed or missed a budget."""
    everything = sorted(f.stem for f in FOLDER.glob("*.py") if not f.stem.startswith("_"))
    environment = {name: value for name, value in os.environ.items() if name not in PINS}
    failed = 0
    for name in names or everything:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        failed += subprocess.run(command, cwd=FOLDER.parent, env=environment).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
