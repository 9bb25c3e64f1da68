"""The comparison of rows sees each kind of loss."""

from collections.abc import Callable
from copy import deepcopy

import httpx
import pytest

from benchmarks.peers.trial import Merchant
from benchmarks.truth import Rows, differences
from stripe_pipeline.demo.store import DEMO_KEY


def test_the_truth_is_what_stripe_lists(merchant: Merchant) -> None:
    with httpx.Client(base_url=merchant.store.base, auth=(DEMO_KEY, "")) as client:
        for name, ids in merchant.truth.ids.items():
            status = {"status": "all"} if name == "subscriptions" else {}
            assert sorted(_listed(client, f"/v1/{name}", status)) == sorted(ids)
        long = [each for each, lines in merchant.truth.lines.items() if lines > 10]
        assert long
        for invoice in long:
            lines = _listed(client, f"/v1/invoices/{invoice}/lines", {})
            assert len(lines) == merchant.truth.lines[invoice]


def _listed(client: httpx.Client, path: str, parameters: dict[str, str]) -> list[str]:
    ids: list[str] = []
    more = True
    while more:
        after = {"starting_after": ids[-1]} if ids else {}
        page = client.get(path, params={"limit": "100"} | parameters | after).json()
        ids += [each["id"] for each in page["data"]]
        more = page["has_more"]
    return ids


def test_a_whole_load_has_no_difference(merchant: Merchant) -> None:
    assert differences(merchant.truth, deepcopy(merchant.truth)) == []


def test_objects_on_a_test_clock_are_no_difference(merchant: Merchant) -> None:
    loaded = deepcopy(merchant.truth)
    loaded.ids["customers"] += merchant.truth.others["customers"]
    assert merchant.truth.others["customers"]
    assert differences(merchant.truth, loaded) == []


def _drop_a_line(rows: Rows) -> None:
    rows.lines[max(rows.lines, key=lambda each: rows.lines[each])] -= 1


def _double_a_line(rows: Rows) -> None:
    rows.lines[rows.ids["invoices"][0]] += 1


def _drop_a_row(rows: Rows) -> None:
    rows.ids["invoices"].pop(0)


def _double_a_row(rows: Rows) -> None:
    rows.ids["customers"].append(rows.ids["customers"][0])


def _keep_a_deleted_row(rows: Rows) -> None:
    rows.ids["subscriptions"].append("sub_deleted")


def _change_a_total(rows: Rows) -> None:
    rows.totals[rows.ids["invoices"][0]] = -1


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_drop_a_line, "1 of {lines:,} lines missing"),
        (_double_a_line, "1 lines more than there are"),
        (_drop_a_row, "1 invoice missing"),
        (_double_a_row, "1 customer twice"),
        (_keep_a_deleted_row, "1 subscription that Stripe no longer has"),
        (_change_a_total, "the total of 1 of {invoices:,} invoices wrong"),
    ],
)
def test_a_single_wrong_row_is_told(
    merchant: Merchant, damage: Callable[[Rows], None], words: str
) -> None:
    loaded = deepcopy(merchant.truth)
    damage(loaded)
    (told,) = differences(merchant.truth, loaded)
    counts = {"lines": sum(merchant.truth.lines.values()), "invoices": len(merchant.truth.totals)}
    assert told.startswith(words.format_map(counts))
