"""The parts of documents that are made from the code: where they stand in a document, and how they get there."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

END: Final = "<!-- end -->"


@dataclass(frozen=True, kw_only=True)
class GeneratedPart:
    """A part of ``document``, a path from the repository's root. ``command`` makes it, and is named above it."""

    document: Path
    command: str

    @property
    def begin(self) -> str:
        return f"<!-- begin: made by {self.command} -->"

    def put(self, text: str, part: str) -> str:
        """The document's text with this part of today. Raises ValueError when it lacks the marks of where it goes."""
        before, begin, rest = text.partition(self.begin)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"{self.document} lacks {self.begin} and {END}")
        return f"{before}{self.begin}\n\n{part}\n\n{END}{after}"

    def write(self, part: str) -> None:
        """Put it into the document, in the repository's root."""
        text = self.document.read_text(encoding="utf-8")
        self.document.write_text(self.put(text, part), encoding="utf-8")


def print_or_write(part: GeneratedPart, text: str) -> None:
    """What a module that makes a part does as a program: with ``--write`` it goes into the document."""
    if "--write" in sys.argv[1:]:
        part.write(text)
    else:
        print(text)
