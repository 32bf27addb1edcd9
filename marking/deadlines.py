"""Deadlines: who was late, who is excused, who handed in nothing; and what being late costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from marking.roster import Student


class Deadline(NamedTuple):
    """When a chapter is due, and the share of the points that each day costs that has begun."""

    due: datetime
    penalty: float = 0.0


class Standing(NamedTuple):
    """How a student stands with the deadline, and the share of the points that is left."""

    status: str
    share: float = 1.0

    @property
    def counted(self) -> bool:
        """Whether there are points at all: none were given where there was nothing to mark."""
        return self not in (MISSING, EXCUSED, UNREADABLE)


MISSING, EXCUSED, PUNCTUAL = Standing("missing"), Standing("excused"), Standing("in time")
UNREADABLE = Standing("unreadable")
"""A file was handed in, but it is no notebook: a person has to look at it."""


def moment(text: str, here: str) -> datetime:
    """A date, or a date and a time, of this machine's clock if there is no zone.

    A date alone is its end. ValueError names what is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        says = "is no date such as 2026-11-30 or 2026-11-30 18:00"
        raise ValueError(f"{here}: {text!r} {says}.") from None
    if len(text) <= len("2026-11-30"):
        found += timedelta(days=1)
    return found.astimezone()


def deadline(due: str | None, penalty: float) -> Deadline | None:
    """The deadline that was asked for; None for none."""
    if not 0 <= penalty <= 100 or math.isnan(penalty):
        raise ValueError(f"--penalty is {penalty}; expected per cent of the points, from 0 to 100.")
    if due is None:
        if penalty:
            raise ValueError("--penalty needs --due: late for what?")
        return None
    return Deadline(moment(due, "--due"), penalty / 100)


def standing(student: Student, paths: Sequence[Path], chapter: Deadline | None) -> Standing:
    """How a student stands, by the time of the file that counts, or by the roster's.

    The roster may have columns for it: `excused`, an own deadline in `extension`, and when it was
    handed in, in `handed_in`, where the files' times say nothing.
    """
    if student.excused.casefold() not in ("", "no", "0", "false"):
        return EXCUSED
    if not paths:
        return MISSING
    if chapter is None:
        return PUNCTUAL
    here = f"the roster, {student.id}"
    due = max(chapter.due, moment(student.extension, here)) if student.extension else chapter.due
    if student.handed_in:
        given = moment(student.handed_in, here)
    else:
        given = datetime.fromtimestamp(paths[-1].lstat().st_mtime).astimezone()
    if given <= due:
        return PUNCTUAL
    days = math.ceil((given - due) / timedelta(days=1))
    left = max(0.0, 1 - chapter.penalty * days)
    return Standing(f"late by {days} day{'s' if days > 1 else ''}", left)


def standings(
    students: Sequence[Student], submitted: Mapping[str, list[Path]], chapter: Deadline | None
) -> dict[str, Standing]:
    """All of them, by id."""
    return {s.id: standing(s, submitted.get(s.id, []), chapter) for s in students}
