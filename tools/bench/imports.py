"""What `__main__.py` imports, to the moment at which the program would start: seconds, as JSON.

Nothing is imported before the clock starts but what the interpreter itself needs.
"""

import time

START = time.perf_counter()

import pulumi  # noqa: E402

PULUMI = time.perf_counter() - START

import json  # noqa: E402
import runpy  # noqa: E402
import sys  # noqa: E402


def main(program: str) -> None:
    pulumi.run = _nothing
    runpy.run_path(program)
    print(json.dumps({"pulumi": PULUMI, "all": time.perf_counter() - START}))


def _nothing(program: object) -> None:
    """In the place of what starts the program."""


if __name__ == "__main__":
    main(sys.argv[1])
