"""Where files lie that were brought in: a private folder, given as a value by the edge."""

import os
import re
import tempfile
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
_ENDINGS = (".json.gz", ".json")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Kept:
    """Files in a folder of their own, readable by nobody else. Names are made here."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def take(self, source: IO[bytes], name: str) -> tuple[str, int]:
        """Store what ``source`` gives, a piece at a time; the stored name and the size in bytes.

        Of ``name`` only the ending counts, which tells JSON from CSV.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ending = next((one for one in _ENDINGS if name.lower().endswith(one)), ".csv")
        handle, path = tempfile.mkstemp(dir=self.folder, prefix="import-", suffix=ending)
        size = 0
        try:
            with os.fdopen(handle, "wb") as file:
                while piece := source.read(_CHUNK):
                    size += len(piece)
                    file.write(piece)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return Path(path).name, size

    def path(self, kept: str) -> Path:
        """Where a file lies, or would."""
        return self.folder / Path(kept).name

    def forget(self, kept: str) -> None:
        """Remove a file, if it is there."""
        self.path(kept).unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """The name of an uploaded file as people know it: without folders and control signs."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return _CONTROL.sub("", bare).strip()[:255] or "file"
