"""The built book as one file to hand on: `python offline.py FOLDER ZIP`.

Unpacked, it opens from disk, search included. The same book gives the same file, byte for byte.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

TOP = "downhill"  # everything unpacks into one folder
UNUSED = ("_static/locales", "objects.inv", ".buildinfo")  # what no page loads


def pack(book: Path, target: Path) -> None:
    """Write all files of a built book into a zip."""
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(book.rglob("*")):
            name = path.relative_to(book).as_posix()
            if path.is_file() and not name.startswith(UNUSED):
                entry = ZipInfo(f"{TOP}/{name}")  # dated 1980, whenever it is made
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, path.read_bytes(), ZIP_DEFLATED, 9)


def main(folder: str, target: str) -> None:
    """Pack, and say where the file is and how large."""
    book, packed = Path(folder), Path(target)
    if not (book / "index.html").is_file():
        sys.exit(f"There is no book in {folder} yet: run `make book` first.")
    pack(book, packed)
    print(f"{packed.resolve()}  ({packed.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main(*sys.argv[1:])
