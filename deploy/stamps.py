"""Steps that are skipped when nothing that they depend on has changed. Standard library alone."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def digest(*parts: str | Path) -> str:
    """A hash of texts and of files' contents."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        total.update(b"%d:%s" % (len(content), content))
    return total.hexdigest()


def digest_of_files(root: Path, paths: Iterable[Path]) -> str:
    """A hash of the names and contents of `paths` below `root`."""
    return digest(*(part for path in sorted(paths) for part in (str(path.relative_to(root)), path)))


@contextlib.contextmanager
def stamped(stamp: Path, key: str) -> Iterator[bool]:
    """Yield whether the work is to be done, and note `key` in the file `stamp` when it was done without an error."""
    done = stamp.is_file() and stamp.read_text() == key
    yield not done
    if not done:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(key)


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep a second start from setting up the same place at the same time; the system frees the lock of a dead process."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
