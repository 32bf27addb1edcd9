"""The instructor's commands: hand out the chapters' exercises, vary them, mark what comes back.

The exercises stand in the chapters. What marking needs beside their text stands in `exercises/`,
one file a chapter. `python -m marking --help` says what can be done.
"""

import sys
from pathlib import Path

# The book's reader of MyST stands beside the Sphinx extension, and needs none of it.
sys.path.append(str(Path(__file__).parent.parent / "_ext"))
