"""Draws the stack `dev` into README.md: `python -m tools.readme_picture`, in the repository's root."""

import subprocess
import sys
import tempfile
from pathlib import Path

README = Path("README.md")
BEGIN = "<!-- begin: made by python -m tools.readme_picture -->"
END = "<!-- end -->"


def with_picture(readme: str, mermaid: str) -> str:
    """The README with this drawing. Raises ValueError when it lacks the marks of where it goes."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{README} lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n```mermaid\n{mermaid.strip()}\n```\n\n{END}{after}"


def main() -> None:
    program = Path(sys.executable).with_name("ray-platform")
    with tempfile.TemporaryDirectory() as folder:
        drawing = Path(folder) / "dev.mmd"
        subprocess.run([program, "graph", "--stack", "dev", "--simulate", "--output", drawing], check=True)
        README.write_text(with_picture(README.read_text(encoding="utf-8"), drawing.read_text()), encoding="utf-8")


if __name__ == "__main__":
    main()
