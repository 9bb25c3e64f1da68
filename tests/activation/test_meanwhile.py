"""What changes under an export that is in the middle: it ends on the picture it began with."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation import committing, writing
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.writing import Written
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.mirror.upkeep import keep_files_few
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.compact import needs_compacting
from stripe_pipeline.lake.read_lock import no_readers
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http.keys import Key
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    ENTERED,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    statuses,
    stay,
)
from tests.fake_stripe.fixtures import KEY

OTHER = EMAIL.replace("thanks", "zeal")  # a second campaign, which comes after
People = list[dict[str, Any]]


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    settings = live(open_shop(tmp_path / "home", EMAIL, OTHER))
    publish_set(settings, [customer(number) for number in range(4)])
    return settings


def publish_set(
    settings: Settings,
    people: People,
    members: People | None = None,
    *,
    are_opted_in: bool = True,
) -> Path:
    """Publish as runs do: a new set beside the others, to which the link moves."""
    sets = settings.home / ".published"
    sets.mkdir(exist_ok=True)
    settings.published.unlink(missing_ok=True)
    stays = [stay(one) for one in (people if members is None else members)]
    known = {f"c{number}@shop.example" for number in range(6)}
    addresses = sorted(known | {one["email"] for one in people}) if are_opted_in else []
    publish_shop(settings, people, stays, [consent(each) for each in addresses])
    folder = sets / f"{len(list(sets.iterdir())) + 1:010d}"
    settings.published.rename(folder)
    settings.published.symlink_to(os.path.relpath(folder, settings.home))
    return folder


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen once the first campaign's messages are written, and not yet recorded."""

    def arrange(happens: Callable[[], object]) -> None:
        happened: list[object] = []

        def interrupted(*arguments: Any) -> Written:
            written = writing.write(*arguments)
            if not happened:
                happened.append(happens())
            return written

        monkeypatch.setattr(committing, "write", interrupted)

    return arrange


Meanwhile = Callable[[Callable[[], object]], None]


def assert_each_once(settings: Settings, people: int = 4) -> None:
    keys = [one["message_key"] for one in exported(settings)]
    assert len(keys) == len(set(keys)) == 2 * people
    recorded = [one["message_key"] for one in log(settings) if one["status"] == "exported"]
    assert sorted(recorded) == sorted(keys)


def test_the_warehouse_is_deleted(shop: Settings, meanwhile: Meanwhile) -> None:
    shop.warehouse.write_bytes(b"tables")
    meanwhile(shop.warehouse.unlink)
    assert export(shop, "email", AS_OF).new_messages == 8
    assert_each_once(shop)


def test_a_campaign_is_edited(shop: Settings, meanwhile: Meanwhile) -> None:
    """What has begun goes out as it was; the edit counts from the next export on."""
    edited = EMAIL.replace("You spent", "EDITED").replace("segment: vip", "segment: past_due")
    meanwhile(lambda: [(shop.campaigns / f"{n}.yml").write_text(edited) for n in (0, 1)])
    export(shop, "email", AS_OF)
    assert_each_once(shop)
    assert {one["body"] for one in exported(shop)} == {"You spent 12.50."}


def test_the_campaigns_are_deleted(shop: Settings, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: shutil.rmtree(shop.campaigns))
    export(shop, "email", AS_OF)
    assert_each_once(shop)


def test_newer_tables_are_published(shop: Settings, meanwhile: Meanwhile) -> None:
    """Someone joins, someone leaves and an address changes: that is for the next export."""
    people = [customer(number) for number in range(1, 6)]
    people[0]["email"] = "new@shop.example"
    meanwhile(lambda: publish_set(shop, people))
    export(shop, "email", AS_OF)
    assert_each_once(shop)
    assert {one["email"] for one in exported(shop)} == {f"c{n}@shop.example" for n in range(4)}
    assert export(shop, "email", AS_OF).new_messages == 4
    assert_each_once(shop, people=6)


def test_an_opt_in_is_for_the_next_export(tmp_path: Path, meanwhile: Meanwhile) -> None:
    """What an export says that it did is what it did."""
    settings = live(open_shop(tmp_path / "home", EMAIL))
    people = [customer(7), customer(8)]
    publish_set(settings, people, are_opted_in=False)
    record_consent(settings, "email", "c7@shop.example", "opt_in", "a person", ENTERED)

    def happens() -> None:
        record_consent(settings, "email", "c8@shop.example", "opt_in", "a person", ENTERED)

    meanwhile(happens)
    counts = export(settings, "email", AS_OF).campaigns[0].counts
    assert counts == {"exported": {"": 1}}
    [manifest] = settings.exports.glob("*/*/manifest.json")
    assert json.loads(manifest.read_text())["counts"] == counts
    assert export(settings, "email", AS_OF).new_messages == 1
    assert {one["email"] for one in exported(settings)} == {"c7@shop.example", "c8@shop.example"}


@pytest.mark.parametrize("change", ["another person's id", "another address", "gone"])
def test_an_opt_out_counts_under_newer_tables(
    shop: Settings, meanwhile: Meanwhile, change: str
) -> None:
    """The opt-out is of an address, or of a person, that the newer tables know otherwise."""
    people = [customer(number) for number in range(4)]
    if change == "another person's id":
        people[2]["stripe_person_id"] = people[3]["stripe_person_id"] = "per_1"
    elif change == "another address":
        people[3]["email"] = "new@shop.example"
    else:
        people = people[:3]

    def happens() -> None:
        publish_set(shop, people)
        record_consent(shop, "email", "c3@shop.example", "opt_out", "a person")

    meanwhile(happens)
    export(shop, "email", AS_OF)
    assert "c3@shop.example" not in {one["email"] for one in exported(shop)}
    assert statuses(shop)["cus_0003"] == ("held", "opted_out")


def test_an_opt_out_of_who_turns_out_to_be_the_same_person(
    shop: Settings, meanwhile: Meanwhile
) -> None:
    """The newer tables know that an address which opted out is a member's other one."""
    people = [customer(number) for number in range(5)]
    people[4]["stripe_person_id"] = people[3]["stripe_person_id"] = "per_1"

    def happens() -> None:
        publish_set(shop, people, people[:4])
        record_consent(shop, "email", "c4@shop.example", "opt_out", "a person")

    meanwhile(happens)
    export(shop, "email", AS_OF)
    assert "c3@shop.example" not in {one["email"] for one in exported(shop)}
    assert len(exported(shop)) == 6


def test_the_tables_it_reads_are_removed(shop: Settings, meanwhile: Meanwhile) -> None:
    """More runs publish than sets are kept, and someone has to be decided about again."""
    people = [customer(number) for number in range(4)]

    def happens() -> None:
        older = shop.published.resolve()
        publish_set(shop, people)
        shutil.rmtree(older)

    meanwhile(happens)
    with pytest.raises(PipelineError) as stopped:
        export(shop, "email", AS_OF)
    assert "was removed while this export read it" in str(stopped.value)
    assert "the next one exports what is due" in str(stopped.value)
    assert not list(shop.exports.glob("*/*"))
    assert not log(shop)
    assert export(shop, "email", AS_OF).new_messages == 8
    assert_each_once(shop)


def test_the_lake_is_compacted(shop: Settings, meanwhile: Meanwhile) -> None:
    """A merge moves no row while an export reads the log, and doubles nothing after it."""
    lake = Lake(shop.lake)
    for number in range(20):
        record_consent(shop, "email", f"other{number}@shop.example", "opt_out", "a person")
    assert needs_compacting(lake, "consent_entries")
    before = len(lake.batches("consent_entries"))

    def happens() -> None:
        keep_files_few(lake, Key(KEY, "test"))
        assert len(lake.batches("consent_entries")) == before
        with no_readers(shop.lake) as may_move_rows:
            assert not may_move_rows

    meanwhile(happens)
    export(shop, "email", AS_OF)
    assert_each_once(shop)
    with lake.writing():
        keep_files_few(lake, Key(KEY, "test"))
    assert len(lake.batches("consent_entries")) < before
    assert export(shop, "email", AS_OF).new_messages == 0
    assert_each_once(shop)
