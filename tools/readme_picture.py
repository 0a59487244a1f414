"""Draws the stack `dev` into README.md: `python -m tools.readme_picture`, in the repository's root."""

import subprocess
import sys
import tempfile
from pathlib import Path

from ray_platform.generated import GeneratedPart

PART = GeneratedPart(document=Path("README.md"), command="python -m tools.readme_picture")


def fenced(mermaid: str) -> str:
    """A drawing as a document holds it."""
    return f"```mermaid\n{mermaid.strip()}\n```"


def main() -> None:
    program = Path(sys.executable).with_name("ray-platform")
    with tempfile.TemporaryDirectory() as folder:
        drawing = Path(folder) / "dev.mmd"
        subprocess.run([program, "graph", "--stack", "dev", "--simulate", "--output", drawing], check=True)
        PART.write(fenced(drawing.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
