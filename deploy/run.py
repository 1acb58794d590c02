"""`make run`: set up what is missing, then run the site until Ctrl-C. Standard library alone; any Python 3 can read it."""

from __future__ import annotations

import os
import shutil
import sys

SUPPORTED = [(3, minor) for minor in (13, 12, 11)]


def use_supported_python() -> None:
    """Go on in a Python that the pinned packages exist for, or say that there is none."""
    if sys.version_info[:2] in SUPPORTED:
        return
    for version in SUPPORTED:
        found = shutil.which("python%d.%d" % version)
        if found:
            os.execv(found, [found, "-m", "deploy.run", *sys.argv[1:]])
    sys.exit(
        "Foyer needs Python 3.11, 3.12 or 3.13, and this is %d.%d. Install one of them (apt-get install python3.11 "
        "python3.11-venv), or name it: make run PYTHON=/path/to/python3.12" % sys.version_info[:2]
    )


if __name__ == "__main__":
    use_supported_python()
    # Newer syntax than an old Python can read stands behind this line.
    from deploy.start import main

    sys.exit(main(sys.argv[1:]))
