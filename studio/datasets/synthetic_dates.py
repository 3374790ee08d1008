"""Makes the built-in pairs of dates: as people write them in English, and in ISO form.

`python -m studio.datasets.synthetic_dates > studio/datasets/samples/dates.csv`. Only rules and a fixed seed are at work, so the file is the
same every time.
"""

from __future__ import annotations

import csv
import datetime
import random
import sys
from typing import IO

SEED, COUNT = 7, 3_000
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)


def ordinal(day: int) -> str:
    """1st, 2nd, 3rd, 4th ..."""
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def spelled(date: datetime.date, chance: random.Random) -> str:
    """One of the usual spellings of a date."""
    month, weekday = MONTHS[date.month - 1], WEEKDAYS[date.weekday()]
    short = month[:3]
    forms = (
        f"{month} {date.day}, {date.year}",
        f"{date.day} {month} {date.year}",
        f"{short} {date.day}, {date.year}",
        f"{date.day} {short.lower()} {date.year}",
        f"{short.upper()}. {date.day:02d} {date.year}",
        f"the {ordinal(date.day)} of {month}, {date.year}",
        f"{ordinal(date.day)} {month} {date.year}",
        f"{weekday}, {date.day} {month} {date.year}",
        f"{weekday[:3]} {short} {date.day} {date.year}",
        f"{date.day:02d}.{date.month:02d}.{date.year}",
        f"{date.year}/{date.month:02d}/{date.day:02d}",
        f"{date.day}-{short}-{date.year}",
    )
    return chance.choice(forms)


def pairs(count: int = COUNT, seed: int = SEED) -> list[tuple[str, str]]:
    """Spellings, each once, with the date in ISO form."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    found: dict[str, str] = {}
    while len(found) < count:
        date = FIRST + datetime.timedelta(days=chance.randrange((LAST - FIRST).days + 1))
        found.setdefault(spelled(date, chance), date.isoformat())
    return list(found.items())


def write(file: IO[str]) -> None:
    """Writes the table."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(("written", "iso"))
    table.writerows(pairs())


if __name__ == "__main__":
    write(sys.stdout)
