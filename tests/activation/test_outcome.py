"""An export that did nothing says why: late, held, or without the switch for live sends."""

from datetime import timedelta
from pathlib import Path

import pytest

from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.outcome import held_by_reason, kept_back_sentence, outcome
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings
from stripe_pipeline.terminal.summary_tables import _sends
from tests.activation.dying_export import DyingExport
from tests.activation.shop import AS_OF, consent, customer, live, publish_shop, stay


@pytest.fixture
def two(shop: Settings) -> Settings:
    """Two people in the segment, of whom one may be written to."""
    people = [customer(1), customer(2)]
    publish_shop(shop, people, [stay(one) for one in people], [consent(people[0]["email"])])
    return shop


def test_a_rehearsal_names_the_switch_and_the_held(two: Settings) -> None:
    report = export(two, "email", AS_OF)
    assert outcome(report) == (
        "1 message rehearsed and none sent, as STRIPE_PIPELINE_LIVE_SENDS isn't on. "
        "1 message held or skipped: 1 no_consent."
    )
    assert held_by_reason(report) == {"no_consent": 1}
    assert not kept_back_sentence(report)


def test_a_live_export_that_has_nothing_new_says_what_is_held(two: Settings) -> None:
    assert outcome(export(live(two), "email", AS_OF)).startswith("1 message exported. 1 message he")
    assert outcome(export(live(two), "email", AS_OF)) == (
        "0 messages exported. 1 message held or skipped: 1 no_consent."
    )


def test_a_late_export_says_so(two: Settings) -> None:
    move = {"segment": "vip", "stripe_customer_id": "cus_9", "move": "entered", "moved_at": AS_OF}
    lake = Lake(two.lake)
    with lake.writing():
        lake.append("segment_moves", entries("segment_moves", [move]), cursor={})
    report = export(two, "email", AS_OF - timedelta(hours=1))
    assert kept_back_sentence(report) == (
        "No message was exported: the run is as of 2026-11-22T09:00:00Z, before the newest "
        "recorded segment move of 2026-11-22T10:00:00Z; a run for the present exports."
    )
    assert outcome(report) == kept_back_sentence(report)


def test_an_export_that_waits_for_the_switch_says_so(two: Settings) -> None:
    DyingExport(two, "before_it_appears").end()
    report = export(two, "email", AS_OF)
    assert "wait to appear, as STRIPE_PIPELINE_LIVE_SENDS isn't on: thanks;" in outcome(report)
    assert kept_back_sentence(report)


def test_the_terminal_says_why_nothing_is_sent(two: Settings) -> None:
    rows = [
        {"status": "held", "reason": "no_consent", "messages": 2},
        {"status": "held", "reason": "no_consent", "messages": 3},
        {"status": "exported", "reason": "", "messages": 4},
    ]
    said = _sends(two, rows)
    assert said[0].startswith("Nothing is sent: ")
    assert said[1:] == [
        "Not sent: 5 no_consent (no one has recorded an opt-in of the address to the channel)"
    ]
    assert _sends(live(two), rows) == said[1:]


def test_the_segments_that_campaigns_may_name_are_the_files(tmp_path: Path) -> None:
    for name in ("vip.yml", "churned.yml", "notes.txt"):
        (tmp_path / name).write_text("meaning: Someone.")
    assert load_contract(tmp_path).segments == {"vip", "churned"}


def test_without_a_folder_of_segments_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no segment folder .*STRIPE_PIPELINE_SEGMENTS"):
        load_contract(tmp_path / "nowhere")
