"""One person is decided again in each run: what a line of a file does, its removal undoes."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from ..oracle.agreement import disagreements
from ..oracle.compare import Row, agree, snapshot_differences
from .conftest import Mirror, Mirrored

MODELS = ("--exclude-resource-type", "test", "unit_test")
# What depends on the file; the rest stays as the first build left it.
OF_THE_FILE = ("--select", "int_person_overrides+", *MODELS)


def _build(
    mirror: Mirror, arguments: Iterable[str], overrides: Iterable[tuple[str, str, str]] = ()
) -> dict[str, list[Row]]:
    """Build with these lines in the file; gives the links by member."""
    question = replace(mirror.question, overrides=tuple(overrides))
    mirror.warehouse.build(question, *arguments)
    agree(disagreements(mirror.warehouse, question))
    links: dict[str, list[Row]] = {}
    for link in mirror.warehouse.rows("marts.person_links"):
        links.setdefault(link["member_id"], []).append(link)
    return links


def _reasons(links: Iterable[Row]) -> set[str]:
    return {link["reason"] for link in links}


@pytest.mark.slow
def test_a_join_and_an_exception_are_undone_with_their_lines(mirrored: Mirrored) -> None:
    with mirrored(6) as mirror:
        links = _build(mirror, MODELS)
        before = mirror.warehouse.snapshot("marts")
        customers = sorted(each for each in links if each.startswith("cus_"))
        alone = [each for each in customers if _reasons(links[each]) == {"own"}]
        joined = next(each for each in customers if "email" in _reasons(links[each]))

        overrides = [
            ("join", alone[1], alone[0]),
            ("apart", joined, ""),
            ("join", alone[2], "cus_nobody_knows"),
        ]
        links = _build(mirror, OF_THE_FILE, overrides)
        assert links[alone[0]][0]["person_id"] == links[alone[1]][0]["person_id"]
        assert "override" in _reasons(links[alone[0]])
        assert _reasons(links[joined]) == _reasons(links[alone[2]]) == {"own"}
        assert snapshot_differences(before, mirror.warehouse.snapshot("marts"))

        _build(mirror, OF_THE_FILE)
        agree(snapshot_differences(before, mirror.warehouse.snapshot("marts")))
