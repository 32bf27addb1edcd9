"""The instructor's commands: hand out the chapters' exercises, vary them, mark what comes back.

The exercises are in the chapters. What marking needs besides their text is in `exercises/`, one
file per chapter. `python -m marking --help` lists the commands.
"""

import sys
from pathlib import Path

# The book's MyST reader is beside the Sphinx extension, but needs none of it.
sys.path.append(str(Path(__file__).parent.parent / "_ext"))
