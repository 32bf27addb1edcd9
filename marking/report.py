"""What the instructor and the students get to read: feedback, the gradebook, histograms."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from markdown_it import MarkdownIt

from marking.deadlines import PUNCTUAL, Standing
from marking.grade import Result
from marking.handed_in import Unclaimed
from marking.notebook import Task
from marking.roster import Student, number

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 1rem/1.5 system-ui; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }}
</style></head><body>
{body}</body></html>
"""
WIDTH = 40


def as_html(markdown: str) -> str:
    """Markdown as HTML; HTML in it is shown as it is written."""
    return MarkdownIt("commonmark", {"html": False}).render(markdown)


def _code(text: str) -> str:
    """A student's own words as inert Markdown."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def counts(result: Result, stand: Standing) -> float | None:
    """The points that count; None where nobody gave any."""
    if not stand.counted:
        return None
    return round(stand.share * sum(m.points for m in result.marks), 2)


def feedback(chapter: str, asked: list[Task], result: Result, stand: Standing = PUNCTUAL) -> str:
    """A student's feedback in Markdown."""
    total, out_of = sum(m.points for m in result.marks), sum(m.out_of for m in result.marks)
    waiting = sum(m.by_hand for m in result.marks)
    lines, notes = [f"# {chapter}: {result.student}", ""], [_code(n) + "\n" for n in result.notes]
    if not stand.counted:
        return "\n".join([*lines, f"{stand.status.capitalize()}.", "", *notes])
    lines += [f"**{total:g} of {out_of} points.**"]
    if stand != PUNCTUAL:
        left = f"; {counts(result, stand):g} points count" if stand.share < 1 else ""
        lines += ["", f"{stand.status.capitalize()}{left}."]
    if waiting:
        be = "is" if waiting == 1 else "are"
        lines += [f"{waiting} of the {out_of} {be} given by a person, and not yet in this number."]
    lines += ["", *notes]
    for task, given in zip(asked, result.marks, strict=True):
        so_far = f"{given.points:g} of {given.out_of - given.by_hand}"
        shown = "a person decides" if given.by_hand == given.out_of else so_far
        lines += [f"## {task.text.title}: {shown}", ""]
        lines += [_code(remark.replace("`", "")) + "\n" for remark in given.remarks]
        if given.by_hand:
            lines += [f"Points that a person gives: up to {given.by_hand}.", ""]
    return "\n".join(lines)


def needs_review(asked: list[Task], result: Result) -> list[str]:
    """What a person has to look at: points that only a person gives, answers that could not be
    read, and odd submissions."""
    waiting = zip(asked, result.marks, strict=True)
    by_hand = [t.label for t, mark in waiting if mark.unread or (mark.by_hand and result.texts)]
    return by_hand + (["notes"] if result.notes and result.file else [])


def _words(result: Result, asked: list[Task], label: str) -> str:
    """What is said of answers that cannot be read, and a free text, or where to look for one."""
    marks = zip(asked, result.marks, strict=True)
    lines = [says for t, m in marks if t.label == label and m.unread for says in m.remarks]
    if label in result.texts:
        text = result.texts[label]
        written = text.strip() not in ("", "*Your words here.*")
        lines.append(text if written else f"(its cell is empty: see the code in {result.file!r})")
    return _code("\n".join(lines))


def write(
    chapter: str,
    asked: list[Task],
    students: Sequence[Student],
    results: Sequence[Result],
    nobodys: Sequence[Unclaimed],
    out: Path,
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> None:
    """Write all of it into `out`, in the roster's order."""
    by_id = {result.student: result for result in results}
    ordered = [by_id[student.id] for student in students]
    pages = out / "feedback" / chapter
    pages.mkdir(parents=True, exist_ok=True)
    for result in ordered:
        text = feedback(chapter, asked, result, standings.get(result.student, PUNCTUAL))
        (pages / f"{result.student}.md").write_text(text, "utf-8")
        page = PAGE.format(title=f"{chapter}: {result.student}", body=as_html(text))
        (pages / f"{result.student}.html").write_text(page, "utf-8")
    _gradebook(asked, students, ordered, standings, out / f"grades_{chapter}.csv")
    (out / f"histogram_{chapter}.txt").write_text(histograms(asked, ordered), "utf-8")
    texts = [
        f"## {task.label}: {result.student}\n\n{_words(result, asked, task.label)}\n"
        for task in asked
        for result in ordered
        if task.label in needs_review(asked, result)
    ]
    (out / f"review_{chapter}.md").write_text("\n".join(texts), "utf-8")
    names = "".join(f"{file}.\n" for file in nobodys)
    (out / f"nobody_{chapter}.txt").write_text(names, "utf-8")


def _gradebook(
    asked: list[Task],
    students: Sequence[Student],
    results: Sequence[Result],
    standings: Mapping[str, Standing],
    path: Path,
) -> None:
    """One row per student, one column per exercise; `counts` is the total after the deadline."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        labels = [task.label for task in asked]
        rows.writerow(
            ["id", "name", *labels, "total", "out_of", "needs_review", "notes", "status", "counts"]
        )
        for student, result in zip(students, results, strict=True):
            stand = standings.get(student.id, PUNCTUAL)
            points = [m.points for m in result.marks]
            out_of = sum(m.out_of for m in result.marks)
            review = "; ".join(needs_review(asked, result))
            notes = " ".join(result.notes)
            total = round(sum(points), 2)
            row = [student.id, safe(student.name), *points, total, out_of, review, notes]
            rows.writerow([*row, stand.status, counts(result, stand)])


def changes(chapter: str, asked: list[Task], results: Sequence[Result], out: Path) -> str:
    """What is new since the gradebook that is there: for whom, and in which exercise.

    A gradebook that somebody has saved in another form tells nothing, and stops nothing.
    """
    try:
        with (out / f"grades_{chapter}.csv").open(encoding="utf-8", newline="") as file:
            before = {row.get("id"): row for row in csv.DictReader(file)}
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    lines = []
    for result in sorted(results):
        old = before.get(result.student, {})
        for task, mark in zip(asked, result.marks, strict=True):
            was = number(old.get(task.label) or "")
            if was is not None and was != mark.points:
                lines.append(f"{result.student}, {task.label}: {was:g} → {mark.points:g}\n")
    return "".join(["Changed since the last gradebook:\n", *lines] if lines else [])


def safe(text: str) -> str:
    """A text that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def tally(standings: Mapping[str, Standing]) -> str:
    """How many stand how."""
    found = Counter(stand.status for stand in standings.values())
    how_many = ", ".join(f"{n} {how}" for how, n in found.items())
    return f"{len(standings)} students: {how_many}."


def histograms(asked: list[Task], results: Sequence[Result]) -> str:
    """How many students have how many of each exercise's points."""
    lines = []
    for i, task in enumerate(asked):
        lines.append(f"{task.label}, {task.text.points} points, {task.by_hand} of them by hand")
        points = [int(result.marks[i].points) for result in results]
        for value in range(task.text.points + 1):
            n = points.count(value)
            lines.append(f"  {value:2d} {'#' * round(WIDTH * n / max(len(points), 1)):{WIDTH}} {n}")
    return "\n".join(lines) + "\n"
