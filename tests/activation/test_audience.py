"""Who gets a campaign: those who were there when it went live, and what is said about them."""

import shutil
import signal
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stripe_pipeline.activation import campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.versions import recorded_versions
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.activation.dying_export import DyingExport
from tests.activation.previews.changing_shop import judge_funnel, look
from tests.activation.shop import (
    AS_OF,
    CONTRACT,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    log,
    publish_shop,
    statuses,
    stay,
)

SKIP = EMAIL.replace("existing_members: include", "existing_members: skip")
PEOPLE = [customer(number) for number in range(4)]
CONSENTS = [consent(one["email"]) for one in PEOPLE]
A_DAY = 24 * 60  # minutes, in which `look` counts
LATER = AS_OF + timedelta(days=1)


@pytest.fixture
def new_shop(shop: Settings) -> Settings:
    """A shop with one campaign, which skips those who were members before it."""
    (shop.campaigns / "1.yml").unlink()
    (shop.campaigns / "0.yml").write_text(SKIP, encoding="utf-8")
    return shop


def _enter(shop: Settings, *entered: datetime) -> None:
    """Publish that customer 0 entered at the first of these, customer 1 at the second, and on."""
    stays = [
        stay(person, entered_at=at) for person, at in zip(PEOPLE, entered, strict=False)
    ]  # fmt: skip
    publish_shop(shop, PEOPLE, stays, CONSENTS)


def _names(shop: Settings, mode: str = "live") -> list[str]:
    return sorted(row["stripe_customer_id"] for row in exported(shop, mode=mode))


def test_who_was_a_member_when_it_went_live_is_skipped(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF, AS_OF - timedelta(days=9))
    seen = look(live(new_shop))
    assert seen.funnel.existing == 2
    assert seen.due == set()
    export(live(new_shop), "email", AS_OF)
    assert statuses(new_shop) == dict.fromkeys(
        ("cus_0000", "cus_0001"), ("skipped", "existing_member")
    )
    _enter(new_shop, AS_OF, AS_OF - timedelta(days=9), LATER)
    seen = look(live(new_shop), A_DAY)
    assert [row["step"] for row in seen.funnel.steps][:3] == [
        "members", "person_once", "new_since_live",
    ]  # fmt: skip
    assert (seen.funnel.existing, seen.funnel.went_live) == (2, AS_OF)
    export(live(new_shop), "email", LATER)
    assert _names(new_shop) == ["cus_0002"]
    entries = len(log(new_shop))
    for _ in range(2):
        assert export(live(new_shop), "email", LATER).new_messages == 0
    assert len(log(new_shop)) == entries
    assert len(recorded_versions(Lake(new_shop.lake), "thanks")) == 1


def test_who_comes_back_after_it_went_live_has_a_stay_of_their_own(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    export(live(new_shop), "email", AS_OF)
    stays = [
        stay(PEOPLE[0], entered_at=AS_OF, left_at=AS_OF + timedelta(hours=1)),
        stay(PEOPLE[0], entered_at=LATER),
    ]
    publish_shop(new_shop, PEOPLE, stays, CONSENTS)
    export(live(new_shop), "email", LATER)
    assert _names(new_shop) == ["cus_0000"]


def test_a_rehearsal_isnt_when_it_went_live(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    export(new_shop, "email", AS_OF)
    _enter(new_shop, AS_OF, LATER)
    export(new_shop, "email", LATER)
    assert _names(new_shop, "dry_run") == ["cus_0001"]
    # Sends are switched on: who is there by then is there already.
    day_2, day_3 = AS_OF + timedelta(days=2), AS_OF + timedelta(days=3)
    export(live(new_shop), "email", day_2)
    assert _names(new_shop) == []
    _enter(new_shop, AS_OF, LATER, day_3)
    export(live(new_shop), "email", day_3)
    assert _names(new_shop) == ["cus_0002"]


def test_another_segment_goes_live_by_itself(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    export(live(new_shop), "email", AS_OF)
    (new_shop.campaigns / "0.yml").write_text(SKIP.replace("vip", "past_due"), encoding="utf-8")
    day_2, day_3 = AS_OF + timedelta(days=2), AS_OF + timedelta(days=3)
    stays = [stay(PEOPLE[1], "past_due", entered_at=LATER)]
    publish_shop(new_shop, PEOPLE, stays, CONSENTS)
    export(live(new_shop), "email", day_2)
    assert statuses(new_shop)["cus_0001"] == ("skipped", "existing_member")
    stays.append(stay(PEOPLE[2], "past_due", entered_at=day_3))
    publish_shop(new_shop, PEOPLE, stays, CONSENTS)
    export(live(new_shop), "email", day_3)
    assert _names(new_shop) == ["cus_0002"]


def test_include_and_later_skip_counts_from_the_first_run(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    _enter(shop, AS_OF)
    export(live(shop), "email", AS_OF)
    assert _names(shop) == ["cus_0000"]
    (shop.campaigns / "0.yml").write_text(SKIP, encoding="utf-8")
    _enter(shop, AS_OF, LATER)
    export(live(shop), "email", LATER)
    assert _names(shop) == ["cus_0000", "cus_0001"]
    assert statuses(shop)["cus_0000"] == ("exported", None)


def test_a_home_that_recorded_no_runs_has_its_messages(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    _enter(shop, AS_OF)
    export(live(shop), "email", AS_OF)
    for path in (shop.lake / "campaign_versions").glob("*.parquet"):
        if recorded_versions(Lake(shop.lake), "thanks"):
            path.unlink()
    assert not recorded_versions(Lake(shop.lake), "thanks")
    (shop.campaigns / "0.yml").write_text(SKIP, encoding="utf-8")
    _enter(shop, AS_OF, LATER)
    export(live(shop), "email", AS_OF + timedelta(days=2))
    assert _names(shop) == ["cus_0000", "cus_0001"]


@pytest.mark.parametrize("where", ["before_a_message", "before_the_log", "before_it_appears"])
def test_a_run_that_is_killed_after_it_went_live_changes_nothing(
    new_shop: Settings, where: str
) -> None:
    """An earlier run went live, and the next one, which has a message, is killed."""
    _enter(new_shop, AS_OF - timedelta(days=2))
    export(live(new_shop), "email", AS_OF - timedelta(days=2))
    _enter(new_shop, AS_OF - timedelta(days=2), AS_OF)
    assert DyingExport(new_shop, where).end() == -signal.SIGKILL
    export(live(new_shop), "email", LATER)
    assert _names(new_shop) == ["cus_0001"]
    assert export(live(new_shop), "email", LATER).new_messages == 0


def test_the_first_run_is_killed_between_its_record_and_its_messages(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    assert DyingExport(new_shop, "after_its_version").end() == -signal.SIGKILL
    assert len(recorded_versions(Lake(new_shop.lake), "thanks")) == 1
    assert log(new_shop) == []
    _enter(new_shop, AS_OF, LATER)
    export(live(new_shop), "email", LATER)
    assert _names(new_shop) == ["cus_0001"]
    assert statuses(new_shop)["cus_0000"] == ("skipped", "existing_member")


def test_two_first_runs_at_once_are_one(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    runs = [DyingExport(new_shop, "nowhere") for _ in range(2)]
    assert [run.end() for run in runs] == [0, 0]
    assert len(recorded_versions(Lake(new_shop.lake), "thanks")) == 1
    assert [row["reason"] for row in log(new_shop)] == ["existing_member"]


def test_a_copied_home_knows_when_it_went_live(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    export(live(new_shop), "email", AS_OF)
    copy = new_shop.home.with_name("copy")
    shutil.copytree(new_shop.home, copy)
    there = new_shop.model_copy(update={"home": copy})
    _enter(there, AS_OF, LATER)
    export(live(there), "email", LATER)
    assert _names(there) == ["cus_0001"]


def test_a_joined_person_was_there_if_one_of_the_customers_was(new_shop: Settings) -> None:
    _enter(new_shop, AS_OF)
    export(live(new_shop), "email", AS_OF)
    people = [PEOPLE[0], customer(1, stripe_person_id="cus_0000")]
    stays = [stay(people[0], entered_at=AS_OF), stay(people[1], entered_at=LATER)]
    publish_shop(new_shop, people, stays, CONSENTS)
    export(live(new_shop), "email", LATER)
    assert _names(new_shop) == []


def _lists(shop: Settings, name: str, text: str) -> Settings:
    """The shop with a folder of segments of its own, in which there is a list."""
    folder = shop.home / "segments"
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    (folder / "lists" / name).write_text(text, encoding="utf-8")
    return shop


@pytest.fixture
def _own_lists(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(CONTRACT, segment_folder=shop.home / "segments")
    monkeypatch.setattr(campaigns, "load_contract", lambda *_: own)


def _write(shop: Settings, *lines: str) -> None:
    text = EMAIL + "".join(f"{line}\n" for line in lines)
    (shop.campaigns / "0.yml").write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("_own_lists")
def test_who_is_excluded_is_held_until_they_arent(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    _lists(shop, "press.csv", "email,note\n C1@Shop.example ,journalist\n,\n")
    _lists(shop, "staff.csv", "stripe_customer_id\ncus_0002\n")
    _write(shop, "excludes: [past_due, press.csv, staff.csv]")
    people = [*PEOPLE, customer(4, stripe_person_id="cus_0000", email="other@shop.example")]
    inside = [stay(one) for one in people[:4]]
    # The person of customer 0 is past due with another customer.
    publish_shop(shop, people, [*inside, stay(people[4], "past_due")], CONSENTS)
    seen = look(live(shop))
    assert [row["lost"] for row in seen.funnel.steps if row["step"] == "not_excluded"] == [3]
    export(live(shop), "email", AS_OF)
    assert _names(shop) == ["cus_0003"]
    held = {f"cus_{number:04d}": ("held", "excluded") for number in range(3)}
    assert statuses(shop) == {**held, "cus_0003": ("exported", None)}
    _lists(shop, "press.csv", "email\n")
    publish_shop(shop, people, inside, CONSENTS)
    export(live(shop), "email", LATER)
    assert _names(shop) == ["cus_0000", "cus_0001", "cus_0003"]


def test_who_may_be_excluded_waits_for_the_rate(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    _write(shop, "excludes: [past_due]")
    undecided = [{"segment": "past_due", "stripe_customer_id": "cus_0000"}]
    stays = [stay(one) for one in PEOPLE[:2]]
    publish_shop(shop, PEOPLE, stays, CONSENTS, undecided=undecided)
    export(live(shop), "email", AS_OF)
    assert _names(shop) == ["cus_0001"]
    assert statuses(shop)["cus_0000"] == ("held", "missing_rate")


@pytest.mark.usefixtures("_own_lists")
def test_a_list_that_is_gone_stops_the_run(shop: Settings) -> None:
    _lists(shop, "press.csv", "email\n")
    _write(shop, "excludes: [vipp, prss.csv, past_due]")
    with pytest.raises(UsageError) as caught:
        campaigns.load_campaigns(shop)
    told = str(caught.value)
    assert "line 8: there is no segment vipp; did you mean vip?" in told
    assert "line 8: there is no list prss.csv in" in told
    assert "(did you mean press.csv?)." in told
    _write(shop, "excludes: press.csv")
    with pytest.raises(UsageError, match=r"excludes is a list; write it as `\[past_due, press.c"):
        campaigns.load_campaigns(shop)


@pytest.mark.parametrize(
    ("re_entry", "sent"),
    [("every_stay", [0, 10, 40]), ("never", [0]), ("after 30 days", [0, 40]),
     ("after 11 days", [0, 40]), ("after 10 days", [0, 10, 40])],
)  # fmt: skip
def test_a_further_stay_gives_a_message_as_re_entry_says(
    shop: Settings, re_entry: str, sent: list[int]
) -> None:
    (shop.campaigns / "1.yml").unlink()
    _write(shop, f"re_entry: {re_entry}")
    days = [0, 10, 40]
    for number, day in enumerate(days):
        at = AS_OF + timedelta(days=day)
        stays = [
            stay(
                PEOPLE[0], entered_at=AS_OF + timedelta(days=each),
                left_at=AS_OF + timedelta(days=each + 1),
            )
            for each in days[:number]
        ]  # fmt: skip
        publish_shop(shop, PEOPLE, [*stays, stay(PEOPLE[0], entered_at=at)], CONSENTS)
        seen = look(live(shop), day * A_DAY)
        assert len(seen.due) == (day in sent)
        judge_funnel(seen)
        export(live(shop), "email", at)
        assert export(live(shop), "email", at).new_messages == 0
    assert len(exported(shop)) == len(sent)
    skipped = [row["reason"] for row in log(shop) if row["status"] == "skipped"]
    assert skipped == ["re_entry"] * (len(days) - len(sent))


@pytest.mark.parametrize("line", ["re_entry: sometimes", "re_entry: after 0 days"])
def test_what_re_entry_may_say(shop: Settings, line: str) -> None:
    _write(shop, line)
    with pytest.raises(UsageError, match="re_entry is every_stay, never or, say, `after 90 days`"):
        campaigns.load_campaigns(shop)
