"""Where pictures and files lie: a local folder, given as a value by the edge.

Names are made of content hashes, so a name never changes its content: what is stored may be cached
for ever, and storing twice is harmless.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from shop.core.errors import Invalid, NotFound

PREFIX = "/media/"
"""Path under which the shop serves what is stored."""


def url_of(name: str) -> str:
    """Address of a stored file, from the shop's own origin."""
    return PREFIX + name


class Storage:
    """Files in a folder. Names are relative, with ``/``; none leaves the folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(self, name: str, content: bytes) -> None:
        """Store ``content``; a reader never sees half a file. What is there already stays."""
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o644)  # mkstemp's own mode hides it from a web server
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def save_all(self, files: Mapping[str, bytes]) -> None:
        """Store several files."""
        for name, content in files.items():
            self.save(name, content)

    def open(self, name: str) -> BinaryIO:
        """Open a stored file for reading. Raises ``NotFound``."""
        try:
            return self._path(name).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFound("media-unknown", name=name) from None

    def exists(self, name: str) -> bool:
        """Whether a file of this name is stored."""
        return self._path(name).is_file()

    def path(self, name: str) -> Path:
        """Where a file lies on this machine, for ``send_file``. Raises ``NotFound``."""
        path = self._path(name)
        if not path.is_file():
            raise NotFound("media-unknown", name=name)
        return path

    def remove(self, name: str) -> None:
        """Forget a stored file; one that is not there is forgotten already."""
        self._path(name).unlink(missing_ok=True)

    def older(self, folder: str, moment: float) -> Iterator[str]:
        """Names of the files below a folder that were stored before a moment (seconds since 1970)."""
        for path in sorted(self._path(folder).rglob("*")):
            if path.is_file() and path.name[0] != "." and path.stat().st_mtime < moment:
                yield path.relative_to(self.folder).as_posix()

    def url(self, name: str) -> str:
        """Address of a stored file."""
        return url_of(name)

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if (
            not name
            or "\\" in name
            or "\0" in name
            or ":" in name
            or any(part in {"", ".", ".."} or part.startswith(".") for part in parts)
        ):
            raise Invalid("media-name", name=name)
        return self.folder.joinpath(*parts)
