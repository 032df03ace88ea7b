"""The pages as their readers see them: README, documentation, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"

_FENCE = re.compile(
    r"^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]*)\")?\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; ``start`` and ``end`` are where its text stands in the page."""

    language: str
    title: str
    text: str
    start: int
    end: int

    @property
    def file(self) -> str | None:
        """The file that the reader is to save the text as, if it is one."""
        return self.title or None if self.language in {"csv", "toml"} else None

    @property
    def second_terminal(self) -> bool:
        """Whether what it runs stays open while the page goes on."""
        return "second terminal" in self.title


def pages() -> list[Path]:
    """List every page, the README first."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """Return what a page is called in a test's name."""
    return page.relative_to(ROOT).as_posix()


def blocks(text: str, *languages: str) -> Iterator[Block]:
    """Yield the page's blocks in these languages, in order."""
    for match in _FENCE.finditer(text):
        if match["language"] in languages:
            start, end = match.span("text")
            yield Block(match["language"], match["title"] or "", match["text"], start, end)


def pages_with(language: str) -> list[Path]:
    """List the pages that have a block in ``language``."""
    return [page for page in pages() if any(blocks(page.read_text(), language))]
