"""A preview says what a run as of then would do, and leaves everything as it is."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.consent import import_consents
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.preview import Preview, preview
from stripe_pipeline.cli.commands.previewing import preview_in_terminal
from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.warehouse.publish import publish
from stripe_pipeline.warehouse.renewal import renewing
from stripe_pipeline.warehouse.scratch import FOLDER

from .conftest import Mirror, Mirrored

pytestmark = pytest.mark.slow

# The run is of the past, so that the instant that is asked about can be run, too.
EARLIER, LATER = DEMO_NOW - timedelta(days=40), DEMO_NOW
MODELS = ("--exclude-resource-type", "test", "unit_test")


def _run(
    mirror: Mirror, settings: Settings, *, as_of: datetime = EARLIER
) -> dict[str, dict[str, int]]:
    """What the job does once Stripe is read; the new messages by campaign and status."""
    with renewing(settings, as_of):
        mirror.warehouse.build(replace(mirror.question, as_of=as_of), *MODELS)
    publish(settings)
    channels: tuple[Channel, ...] = ("email", "sms", "push")
    reports = [export(settings, channel, as_of) for channel in channels]
    return {
        one.campaign: {"new": one.new_messages, "all": _total(one.counts)}
        for report in reports
        for one in report.campaigns
    }


def _total(counts: Mapping[str, Mapping[str, int]]) -> int:
    return sum(sum(reasons.values()) for reasons in counts.values())


def _kept(home: Path) -> dict[str, str]:
    """Every file of the home with its content, without what a preview may leave."""
    return {
        str(path.relative_to(home)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
        and path.suffix != ".lock"
        and not path.relative_to(home).parts[0].startswith(FOLDER)
    }


def _said(found: Preview) -> dict[str, dict[str, int]]:
    return {one.campaign: {"new": one.due, "all": len(one.audience)} for one in found.campaigns}


def test_a_preview_is_what_a_run_then_would_do(
    mirrored: Mirrored, capsys: pytest.CaptureFixture[str]
) -> None:
    with mirrored(2) as mirror:
        settings = mirror.settings()
        import_consents(settings, settings.home / "consents.csv")
        _run(mirror, settings)
        before = _kept(settings.home)
        members_before = _members(mirror)
        found = preview(settings, LATER)
        assert _kept(settings.home) == before
        assert not list((settings.home / FOLDER).iterdir())
        _names_a_person_only_where_asked(settings, capsys)
        assert _kept(settings.home).keys() - before.keys() == {"dagster/preview.log"}
        assert (found.as_of, found.history_until) == (LATER, None)

        done = _run(mirror, settings, as_of=LATER)
        assert _said(found) == done
        assert sum(each["new"] for each in done.values()) > 0
        members = Counter(row["segment"] for row in mirror.warehouse.rows("marts.segment_members"))
        assert {
            row["segment"]: row["members"] for row in found.segments if row["members"]
        } == members
        _the_moves_lead_from_now_to_then(found, members_before, _members(mirror))
        _the_past_has_segments_and_no_message(settings)


def _members(mirror: Mirror) -> set[tuple[str, str]]:
    rows = mirror.warehouse.rows("marts.segment_members")
    return {(row["segment"], row["stripe_customer_id"]) for row in rows}


def _the_moves_lead_from_now_to_then(
    found: Preview, now: set[tuple[str, str]], then: set[tuple[str, str]]
) -> None:
    told: dict[str, set[tuple[str, str]]] = {"enters": set(), "leaves": set()}
    for row in found.moves:
        told[row["move"]].add((row["segment"], row["stripe_customer_id"]))
    assert found.compared_with == EARLIER
    assert (told["enters"], told["leaves"]) == (then - now, now - then)
    for row in found.segments:
        assert row["members"] == row["now"] + row["enter"] - row["leave"]


def _names_a_person_only_where_asked(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    on = LATER.isoformat()
    preview_in_terminal(Home.of(settings), on, "win_back", as_json=True)
    answer = json.loads(capsys.readouterr().out)
    campaign = answer["campaigns"][0]
    assert campaign["campaign"] == "win_back"
    due = {row["stripe_customer_id"] for row in campaign["audience"] if row["is_due"]}
    assert campaign["due"] == len(due) > 0
    assert campaign["example"]["stripe_customer_id"] in due
    assert all(json.loads(row["why"]) for row in campaign["audience"])
    with pytest.raises(UsageError, match=r"win_bak.*win_back"):
        preview(settings, LATER, "win_bak")


def _the_past_has_segments_and_no_message(settings: Settings) -> None:
    found = preview(settings, EARLIER)
    assert found.history_until == LATER
    assert found.campaigns == []
    assert any(row["members"] for row in found.segments)
