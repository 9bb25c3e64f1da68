"""A shop with several currencies, connected without rates: published, told, held; then the rates.

The figures below are reckoned by hand. One euro is worth 1.05 usd on 2 March, 1.06 on 6 March (a
Friday) and 1.10 on 10 March; on 3 March it is worth 1.04 usd and 160 jpy.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import ExportReport, export
from stripe_pipeline.profiles.explain import explanation, print_explanation
from stripe_pipeline.profiles.text import print_profile
from stripe_pipeline.rates.importing import import_rates
from stripe_pipeline.rates.template import write_template
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.terminal.summary_tables import print_summary
from stripe_pipeline.warehouse.publish import publish
from stripe_pipeline.warehouse.readers import Marts

from ..oracle import shapes, shapes_catalogue
from ..oracle.warehouse import Warehouse
from ..rates.ecb_files import write

MODELS = ("--exclude-resource-type", "unit_test", "--exclude", "tag:grain")
AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEST = "select stripe_customer_id from mart where segment = 'top_5_percent'"
NAMES = ("eur", "jpy", "usd", "coupon")
CAMPAIGN = """\
name: thanks
segment: vip
existing_members: include
channel: email
subject: Thank you
body: "{{ profile.stripe_total_sales }} and {{ profile.stripe_loyalty_points }} points"
"""
BANK = (
    "Date,USD,JPY,\n"
    "2026-03-10,1.10,161,\n"
    "2026-03-06,1.06,N/A,\n"
    "2026-03-03,1.04,160,\n"
    "2026-03-02,1.05,159,\n"
)


def at(month: int, day: int) -> int:
    return int(datetime(2026, month, day, 12, tzinfo=UTC).timestamp())


def sold(key: str, owner: str, amount: int, currency: str, day: int) -> dict[str, Any]:
    return shapes.charge(key, owner, amount, currency=currency, created=at(3, day))


def bodies() -> list[dict[str, Any]]:
    unknown = shapes_catalogue.price("price_unknown", None, unit_amount_decimal=None)
    items = [shapes_catalogue.subscription_item("si_1", "sub_1", unknown)]
    return [
        *(shapes.customer(f"cus_{name}") for name in NAMES),
        sold("ch_eur_1", "cus_eur", 43000, "eur", 2),
        sold("ch_eur_2", "cus_eur", 10000, "eur", 7),
        shapes.refund("re_eur", "ch_eur_2", 5000, currency="eur", created=at(3, 10)),
        sold("ch_jpy", "cus_jpy", 90000, "jpy", 3),
        sold("ch_usd", "cus_usd", 60000, "usd", 3),
        shapes_catalogue.subscription("sub_1", "cus_coupon", items),
    ]


class Shop:
    """The home of the shop, run after run, an hour apart."""

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self.warehouse, self.settings, self.hours = warehouse, settings, 0

    def run(self) -> ExportReport:
        """What the job does with what is in the lake."""
        self.hours += 1
        as_of = AS_OF + timedelta(hours=self.hours)
        self.warehouse.build_with(self.settings, as_of, *MODELS)
        publish(self.settings)
        return export(self.settings, "email", as_of)

    def rows(self, mart: str, query: str) -> list[Any]:
        return [tuple(row.values()) for row in Marts(self.settings).rows(mart, query)]

    def totals(self) -> dict[str, tuple[Decimal | None, int]]:
        rows = self.rows(
            "customer_profiles",
            "select stripe_customer_id, stripe_total_sales, stripe_loyalty_points from mart",
        )
        return {key.removeprefix("cus_"): (total, points) for key, total, points in rows}

    def stays(self) -> list[Any]:
        return self.rows(
            "segment_history",
            "select stripe_customer_id, left_at from mart where segment = 'vip' order by all",
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    warehouse = Warehouse(tmp_path / "home")
    warehouse.refill(bodies())
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "thanks.yml").write_text(CAMPAIGN)
    settings = load_settings(
        STRIPE_PIPELINE_HOME=tmp_path / "home",
        STRIPE_PIPELINE_CAMPAIGNS=tmp_path / "campaigns",
        STRIPE_PIPELINE_LIVE_SENDS="on",
    )
    for name in NAMES:
        record_consent(settings, "email", f"cus_{name}@example.com", "opt_in", "a form",
                       datetime(2026, 1, 2, tzinfo=UTC))  # fmt: skip
    yield Shop(warehouse, settings)


@pytest.mark.slow
def test_from_no_rate_to_one_message_each(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = shop.run()
    assert first.campaigns[0].counts == {"exported": {"": 1}}
    assert shop.totals() == {
        "eur": (None, 150), "jpy": (None, 150), "usd": (Decimal(600), 750), "coupon": (0, 50),
    }  # fmt: skip
    undecided = "select stripe_customer_id, is_member from mart where segment = 'vip' order by all"
    assert shop.rows("undecided_members", undecided) == [("cus_eur", False), ("cus_jpy", False)]
    print_summary(shop.settings)
    said = capsys.readouterr().out
    assert (
        "totals of 2 customers are unknown; cancelled_high_value leaves 0 in and 2 out; "
        "top_5_percent leaves 0 in and 4 out; vip leaves 0 in and 2 out; 0 messages held"
    ) in said
    assert "the amount of 1 customer is unknown" in said
    assert "partial" not in said

    assert explanation(shop.settings, "vip", "cus_eur")["undecided_for"] == ["stripe_total_sales"]
    compared = explanation(shop.settings, "top_5_percent", "cus_usd")
    assert compared["undecided_by_others"] == ["stripe_total_sales"]
    assert not compared["is_member"] and compared["conditions"]["is_met"] is None
    print_explanation(shop.settings, "top_5_percent", "cus_usd", as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "decided now: stripe_total_sales of other customers lacks an exchange rate" in said
    print_explanation(shop.settings, "vip", "cus_eur", as_json=False)
    print_profile(shop.settings, "cus_eur", as_json=False)
    said = capsys.readouterr().out
    assert "cus_eur is not in vip.\n" in said
    said = " ".join(said.split())
    assert "can't be decided now: stripe_total_sales lacks an exchange rate" in said
    assert "nothing yet for want of an exchange rate: ch_eur_1, ch_eur_2" in said

    assert write_template(shop.settings).added == 4
    assert shop.settings.own_rates.read_text() == (
        "day,currency,rate\n2026-03-02,eur,\n2026-03-07,eur,\n2026-03-10,eur,\n2026-03-03,jpy,\n"
    )
    report = import_rates(
        shop.settings, write(tmp_path / "eurofxref-hist.zip", BANK), datetime.now(UTC).date()
    )
    # 7 March is a Saturday: the rate of the day before holds, and the template's line goes.
    assert (report.filled, report.removed, report.unpublished, report.before) == (3, 1, [], [])

    second = shop.run()
    # 430 x 1.05 + 100 x 1.06 - 50 x 1.10 = 502.50; 90,000 x 1.04 / 160 = 585.00.
    # 50 + 100 + 451 + 106 - 53 = 654 points; 50 + 100 + 585 = 735.
    complete = {
        "eur": (Decimal("502.5"), 654), "jpy": (Decimal(585), 735), "usd": (Decimal(600), 750),
        "coupon": (0, 50),
    }  # fmt: skip
    assert shop.totals() == complete
    assert shop.rows("segment_members", BEST) == [("cus_usd",)]
    assert second.new_messages == 2
    stays = [("cus_eur", None), ("cus_jpy", None), ("cus_usd", None)]
    assert shop.stays() == stays
    bodies_ = {row["stripe_customer_id"]: row["body"] for row in _messages(shop.settings)}
    assert bodies_ == {
        "cus_eur": "502.50 and 654 points", "cus_jpy": "585.00 and 735 points",
        "cus_usd": "600.00 and 750 points",
    }  # fmt: skip

    # Without the file again: no one leaves, and no one gets a second message afterwards.
    aside = shop.settings.own_rates.rename(tmp_path / "aside.csv")
    third = shop.run()
    assert third.campaigns[0].counts == {"exported": {"": 3}}
    assert shop.totals()["eur"] == (None, 150)
    assert shop.stays() == stays
    stays_in = "select segment, count(*) from mart where is_member group by all order by all"
    assert shop.rows("undecided_members", stays_in) == [("top_5_percent", 1), ("vip", 2)]
    assert shop.rows("segment_members", BEST) == [("cus_usd",)]
    assert len(shop.rows("segment_members", "from mart where segment = 'vip'")) == 3
    aside.rename(shop.settings.own_rates)
    assert shop.run().new_messages == 0
    assert shop.totals() == complete
    assert shop.stays() == stays
    assert len(_messages(shop.settings)) == 3


def _messages(settings: Settings) -> list[dict[str, Any]]:

    paths = sorted(settings.exports.glob("*/*/email.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]
