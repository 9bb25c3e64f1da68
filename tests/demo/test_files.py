"""The files beside the account: consents and exchange rates."""

import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from stripe_pipeline.demo.store import generate, write_files
from stripe_pipeline.demo.store.money import CURRENCIES
from tests.demo.conftest import NOW


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_consents_belong_to_customers(tmp_path: Path) -> None:
    rows = _rows(write_files(tmp_path, 200, 1, NOW).consents)
    assert list(rows[0]) == ["channel", "address", "status", "source", "occurred_at"]
    kinds = Counter((row["channel"], row["status"]) for row in rows)
    assert min(kinds[channel, status] for channel in ("email", "sms")
               for status in ("opt_in", "opt_out")) > 2  # fmt: skip
    customers = [body for body in generate(200, 1, NOW)
                 if body["object"] == "customer" and "email" in body]  # fmt: skip
    known = {(body["email"] or "").strip() for body in customers}
    known |= {body["phone"] for body in customers}
    mine = [row for row in rows if row["address"] in known]
    assert len(mine) > 0.95 * len(rows)
    assert all(datetime.fromisoformat(row["occurred_at"]) <= NOW for row in rows)


def test_rates_cover_the_whole_history(tmp_path: Path) -> None:
    rows = _rows(write_files(tmp_path, 1, 1, NOW).exchange_rates)
    assert list(rows[0]) == ["day", "currency", "rate"]
    assert {row["currency"] for row in rows} == set(CURRENCIES) - {"usd"}
    days = sorted({date.fromisoformat(row["day"]) for row in rows})
    assert (NOW.date() - days[0]).days > 3 * 365
    assert max((later - day).days for day, later in pairwise(days)) <= 31
    assert all(0 < Decimal(row["rate"]) < 10 for row in rows)


def test_overrides_are_about_customers(tmp_path: Path) -> None:
    rows = _rows(write_files(tmp_path, 50, 1, NOW).person_overrides)
    known = {body["id"] for body in generate(50, 1, NOW) if body["object"] == "customer"}
    assert [row["action"] for row in rows] == ["join", "apart"]
    assert {row[name] for row in rows for name in ("customer", "other")} - {""} <= known


def test_files_are_the_same_every_time(tmp_path: Path) -> None:
    first = write_files(tmp_path / "a", 50, 3, NOW)
    second = write_files(tmp_path / "b", 50, 3, NOW)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
