"""`campaigns preview` and `preview` in this process: what they print, refuse, and never name."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from threading import Event
from typing import Any

import pytest

from stripe_pipeline.activation import campaigns, preview
from stripe_pipeline.activation.previews.closely import CloseLook, look_closely
from stripe_pipeline.cli.commands import campaign_words
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import FORGOTTEN, record
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    CONTRACT,
    EMAIL,
    SMS,
    consent,
    customer,
    open_shop,
    publish_shop,
    stay,
)

Cli = Callable[..., CompletedProcess[str]]
Ask = Callable[..., CompletedProcess[str]]
DRAFT = EMAIL.replace("name: thanks", "name: later\nstatus: draft")
ON = AS_OF.isoformat()


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A shop of two people, one of whom is due."""
    settings = open_shop(tmp_path / "home", EMAIL, SMS, DRAFT)
    people = [customer(0), customer(1)]
    publish_shop(settings, people, map(stay, people), [consent("c0@shop.example")])
    return settings


@pytest.fixture
def meanwhile() -> list[Callable[[], None]]:
    """What happens while a preview computes its tables."""
    return []


@pytest.fixture
def ask(
    cli: Cli,
    home: Settings,
    meanwhile: list[Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> Ask:
    """Call a command on the shop, whose published tables stand for those computed aside."""

    @contextmanager
    def computed(settings: Settings, as_of: datetime, marts: Sequence[str]) -> Iterator[Settings]:
        for each in meanwhile:
            each()
        yield settings

    monkeypatch.setattr(campaigns, "load_contract", lambda *_: CONTRACT)
    for module in (campaign_words, preview):
        monkeypatch.setattr(module, "computed_aside", computed)
    return lambda *arguments: cli(
        *arguments,
        STRIPE_PIPELINE_HOME=str(home.home),
        STRIPE_PIPELINE_CAMPAIGNS=str(home.campaigns),
    )


def erase(settings: Settings, *, is_finished: bool = True) -> None:
    """Record an erasure of the person who is due, as `forget` does first."""
    record(Lake(settings.lake), ["cus_0000"], {"cus_0000": FORGOTTEN}, is_finished=is_finished)


def test_the_funnel_and_the_message_are_shown(ask: Ask, home: Settings) -> None:
    done = ask("campaigns", "preview", "thanks", "--on", ON)
    assert done.returncode == 0, done.stderr
    assert "who consented" in done.stdout
    assert "The message to cus_0000, which is due, in" in done.stdout
    assert (home.home / "previews/thanks/subject.txt").read_text("utf-8") == "Thank you, Name0"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("thank",), "There is no campaign thank; did you mean thanks?"),
        (("thanks", "--customer", "cus_9"), "There is no customer cus_9 with a profile"),
        (("thanks", "--on", "someday"), "--on can't be used: someday"),
        (("thanks", "--on", "2026-02-30"), "--on can't be used: 2026-02-30"),
        (("thanks", "--entrants", "-1"), "'--entrants'"),
        (("thanks", "--entrants", "few"), "'--entrants'"),
        (("thanks", "--price", "-1"), "--price -1 is no price"),
        (("thanks", "--price", "inf"), "--price inf is no price"),
        (("thanks", "--sort", "x"), "--sort"),
        ((), "Missing argument 'name'"),
    ],
)
def test_wrong_input_is_told_and_nothing_written(
    ask: Ask, home: Settings, arguments: tuple[str, ...], said: str
) -> None:
    done = ask("campaigns", "preview", *arguments)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert not (home.home / "previews").exists()


def test_a_folder_with_other_files_is_left_alone(ask: Ask, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("mine", encoding="utf-8")
    done = ask("campaigns", "preview", "thanks", "--output", str(mine))
    assert done.returncode == 2
    assert "holds other files" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
    done = ask("campaigns", "preview", "thanks", "--output", str(mine / "letter.txt"))
    assert done.returncode == 2
    assert "name another folder with --output" in done.stderr


@pytest.mark.parametrize("command", [("campaigns", "preview", "thanks"), ("preview", "thanks")])
def test_a_preview_that_an_erasure_crosses_is_thrown_away(
    ask: Ask, home: Settings, meanwhile: list[Callable[[], None]], command: tuple[str, ...]
) -> None:
    meanwhile.append(lambda: erase(home))
    done = ask(*command, "--on", ON)
    assert done.returncode == 1
    assert "A person was erased while this was computed" in done.stderr
    assert "Name0" not in done.stdout
    assert not list(home.home.glob("previews/*"))


def test_an_erasure_just_before_the_files_are_written_counts(
    ask: Ask, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*asked: Any) -> CloseLook:
        found = look_closely(*asked)
        erase(home)
        return found

    monkeypatch.setattr(campaign_words, "look_closely", look)
    done = ask("campaigns", "preview", "thanks", "--on", ON)
    assert done.returncode == 1
    assert "Name0" not in done.stdout
    assert not list(home.home.glob("previews/*"))


@pytest.mark.parametrize("command", [("campaigns", "preview", "thanks"), ("preview",)])
def test_an_unfinished_erasure_is_finished_first(
    ask: Ask, home: Settings, command: tuple[str, ...]
) -> None:
    erase(home, is_finished=False)
    done = ask(*command, "--on", ON)
    assert done.returncode == 1
    assert "An erasure was interrupted and isn't finished" in done.stderr


def test_an_erasure_that_is_going_on_is_waited_for(ask: Ask, home: Settings) -> None:
    begun = Event()

    def erasing() -> None:
        with Lake(home.lake).writing():
            erase(home, is_finished=False)
            begun.set()
            time.sleep(0.5)
            erase(home)

    with ThreadPoolExecutor() as pool:
        done = pool.submit(erasing)
        assert begun.wait(30)
        answer = json.loads(ask("campaigns", "preview", "thanks", "--on", ON, "--json").stdout)
        done.result()
    assert answer["customer"] == "cus_0001"


def test_an_erased_person_is_in_no_preview(ask: Ask, home: Settings) -> None:
    erase(home)
    answer = json.loads(ask("campaigns", "preview", "thanks", "--on", ON, "--json").stdout)
    assert (answer["due"], answer["funnel"][0]["left"]) == (0, 1)
    assert answer["customer"] == "cus_0001"


def test_a_draft_writes_nothing_by_the_older_command_either(ask: Ask) -> None:
    answer = json.loads(ask("preview", "--on", ON, "--json").stdout)
    told = {one["campaign"]: one for one in answer["campaigns"]}
    assert (told["thanks"]["due"], told["later"]["due"]) == (1, 0)
    assert told["later"]["campaign_status"] == "draft"
    assert {"status": "draft", "reason": "not_live", "messages": 1} in told["later"]["counts"]
    assert "later is draft, so runs write no message of it" in ask("preview", "--on", ON).stdout


def test_a_later_day_says_what_it_assumes(ask: Ask) -> None:
    done = ask("preview", "--on", "2999-01-01")
    assert done.returncode == 0, done.stderr
    assert "Assumed: nothing else happens until then." in done.stdout
    assert "Assumed: no run before it." in done.stdout
    assert "thanks: 2 members > 2 person once > 1 consented" in done.stdout
    assert "Assumed" not in ask("preview", "--on", "2026-11-23").stdout
