"""Entry point of the set-up.

This file must run on any Python 3.6 or later, annotations included, so that an old one gets a sentence and
not a traceback; the modules that need a new one are imported after the check.
"""

import shutil
import sys


def python_problem(version: "tuple[int, ...]") -> "str | None":
    """The sentence for a Python that is too old, or None. `version` is (major, minor)."""
    if version >= (3, 11):
        return None
    names = [f"python3.{minor}" for minor in range(14, 10, -1)]
    newer = next((name for name in names if shutil.which(name)), None)
    remedy = f"run make with PYTHON={newer}." if newer else "install Python 3.11 or later."
    return f"This project needs Python 3.11 or later and got {version[0]}.{version[1]}: {remedy}"


if __name__ == "__main__":
    problem = python_problem(sys.version_info[:2])
    if problem:
        sys.exit(problem)
    from tools.bootstrap.steps import main

    sys.exit(main(sys.argv[1:]))
