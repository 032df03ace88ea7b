"""Write a large, messy list of made-up contacts, quickly and the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HEADER = "Email,First Name,Last Name,Title,Company,Notes,Phone,State,Policy Type\n"
VARIABLES = ("State", "Policy Type")  # to be kept with --variable

_FIRST = ("Ann", "Bob", "Zoë", "José", "Tom", "Mary Jo", "Li", "André", "Sue", "Max")
_LAST = ("Lee", "Núñez", "O'Neil", "de la Vega", "Smith", "Müller", "Brown", "Diaz", "Fox", "Ray")
_TITLE = ("Agent", "Owner", "Broker", "VP, Sales", "", "Producer")
_COMPANY = ("Blue Sky Insurance", "Oak & Elm Agency", '"Best" Cover, Inc.', "Hill Mutual", "")
_NOTES = ("", "", "", "met at the fair", "call\nafter 5 pm", "=SUM(A1:A2)")
_PHONE = (
    "(512) 555-{n}", "512-555-{n}", "512.555.{n}", "+1 512 555 {n}", "512555{n}",
    "555-{n}", "512 555 {n} ext. 9", "",
)  # fmt: skip
_STATE = ("TX", "NY", "CA", "FL", "OH", "WA")
_POLICY = ("auto", "home", "life", "commercial auto", "")

# Each kind of bad row, as the code it is rejected with; {n} is the row's own number.
_BAD = {
    "email_missing": ",Ann,Lee,,,,,,",
    "email_bad_syntax": "ann.lee{n}@agency,Ann,Lee,,,,,,",
    "email_bad_character": "ann\u200blee{n}@agency.test,Ann,Lee,,,,,,",
    "first_name_missing": "nobody{n}@agency.test,,Lee,,,,,,",
    "bad_character": "nul{n}@agency.test,An\0n,Lee,,,,,,",
    "ragged_row": "ragged{n}@agency.test,Ann,Lee,Agent",
    "unreadable": 'open{n}@agency.test,"Ann,Lee,,,,,,',
    "duplicate_in_file": "Person0@Agency0.TEST,Ann,Lee,,,,,,",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an import into an empty workspace must make of the file."""

    rows: int
    added: int
    rejected: Mapping[str, int]


def write_csv(path: Path, rows: int, seed: int = 1, bad_share: float = 0.01) -> Expected:
    """Write ``rows`` rows below ``HEADER``, about ``bad_share`` of them bad in every known way.

    The first row is good, so that each copy of it is a duplicate.
    """
    draw = random.Random(seed)
    tails = [_tail(draw) for _ in range(5_000)]  # a row is its own e-mail and one of these
    bad = list(_BAD.items())
    counts: Counter[str] = Counter()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for start in range(0, rows, 10_000):
            lines = []
            for n in range(start, min(start + 10_000, rows)):
                if n and draw.random() < bad_share:
                    code, text = bad[draw.randrange(len(bad))]
                    counts[code] += 1
                    lines.append(text.replace("{n}", str(n)))
                else:
                    lines.append(f"person{n}@agency{n % 997}.test{tails[draw.randrange(5_000)]}")
            file.write("\n".join(lines) + "\n")
    return Expected(rows, rows - counts.total(), dict(counts))


def _tail(draw: random.Random) -> str:
    phone = draw.choice(_PHONE).replace("{n}", f"{draw.randrange(10_000):04d}")
    values = [draw.choice(c) for c in (_FIRST, _LAST, _TITLE, _COMPANY, _NOTES)]
    values += [phone, draw.choice(_STATE), draw.choice(_POLICY)]
    return "".join("," + _quoted(value) for value in values)


def _quoted(value: str) -> str:
    if any(char in value for char in ',"\n'):
        return '"' + value.replace('"', '""') + '"'
    return value
