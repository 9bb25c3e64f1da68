"""The decision log: every entry has one status, and the index lists each of them."""

import re
from pathlib import Path

import pytest

from doc_pages.decisions import Entry, NoStatusError, entries, index_page, rooms
from doc_pages.markdown import links
from stripe_pipeline.process.environment import PROJECT_ROOT

LOG = PROJECT_ROOT / "docs" / "decisions"
LIST = PROJECT_ROOT / "docs" / "decisions.md"
ROOMS = rooms(LOG)
REMEDY = "run `make pages`"


def entries_of_all() -> list[Entry]:
    return [entry for room in ROOMS for entry in entries(room)]


def test_the_index_is_what_the_rooms_say() -> None:
    assert (LOG / "README.md").read_text(encoding="utf-8") == index_page(LOG), REMEDY


def test_the_list_of_rooms_names_each_of_them() -> None:
    named = {Path(link).name for link in links(LIST.read_text(encoding="utf-8"))}
    assert {room.name for room in ROOMS} <= named


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.stem))
def test_every_entry_has_a_title_of_its_own_and_a_status(room: Path) -> None:
    headings = re.findall(r"^## (.+)$", room.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings
    assert [entry.title for entry in entries(room)] == headings
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.stem))
def test_entries_are_in_the_order_of_their_dates(room: Path) -> None:
    dates = [entry.date for entry in entries(room)]
    assert dates == sorted(dates)


def test_what_was_overruled_names_a_later_entry() -> None:
    dates = {(f"{entry.room}.md", entry.title): entry.date for entry in entries_of_all()}
    overruled = [entry for entry in entries_of_all() if " by " in entry.status]
    assert overruled
    for entry in overruled:
        for title, target in re.findall(r"\[([^]]+)\]\(([^)]+)\)", entry.status):
            page = target.partition("#")[0] or f"{entry.room}.md"
            assert dates[page, title] >= entry.date, entry.title


def test_an_entry_without_a_status_is_named(tmp_path: Path) -> None:
    room = tmp_path / "lake.md"
    room.write_text("# Lake\n\n## A choice\n\nOld: this. New: that.\n")
    with pytest.raises(NoStatusError, match=r"lake\.md: “A choice”"):
        entries(room)
