"""Commands that answer questions, on the home folder of a finished demo."""

import json
import re
from pathlib import Path

import pytest

from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.readers import Marts

from ..conftest import Cli


@pytest.fixture(scope="session")
def marts(demo_home: Path) -> Marts:
    return Marts(load_settings(STRIPE_PIPELINE_HOME=demo_home))


@pytest.fixture(scope="session")
def buyer(marts: Marts) -> str:
    rows = marts.rows(
        "segment_members",
        "select stripe_customer_id from mart where segment = 'repeat_buyers' order by 1 limit 1",
    )
    customer: str = rows[0]["stripe_customer_id"]
    return customer


def test_a_profile_has_every_field_with_its_meaning(
    cli: Cli, demo_home: Path, marts: Marts, buyer: str
) -> None:
    done = cli("profile", buyer, STRIPE_PIPELINE_HOME=str(demo_home))
    assert done.returncode == 0, done.stderr
    profile = marts.rows("customer_profiles", "from mart limit 1")[0]
    fields = [name for name in profile if not name.endswith("_minor")]
    assert [name for name in fields if name not in done.stdout] == []
    said = re.findall(r"^(stripe_\S+)(?:  .*)?\n(.*)", done.stdout, re.MULTILINE)
    assert len(said) == sum(name.startswith("stripe_") for name in fields)
    for name, below in said:
        assert re.match(r"  \S", below), f"{name} says nothing about its meaning"


def test_a_profile_as_json_is_the_mart(cli: Cli, demo_home: Path, marts: Marts, buyer: str) -> None:
    done = cli("profile", buyer, "--json", STRIPE_PIPELINE_HOME=str(demo_home))
    answer = json.loads(done.stdout)
    assert answer["profile"]["stripe_customer_id"] == buyer
    theirs = "from mart where stripe_customer_id = ?"
    rows = marts.rows("orders", theirs, [buyer])
    assert {order["order_id"] for order in answer["orders"]} == {row["order_id"] for row in rows}
    assert {order["net"] for order in answer["orders"]} == {str(row["net"]) for row in rows}
    assert done.stderr == ""


def test_an_unknown_customer(cli: Cli, demo_home: Path) -> None:
    for command in (("profile", "cus_nobody"), ("explain", "vip", "cus_nobody")):
        done = cli(*command, STRIPE_PIPELINE_HOME=str(demo_home))
        assert (done.returncode, done.stdout) == (1, "")
        assert "cus_nobody" in done.stderr
        assert "Traceback" not in done.stderr


def test_why_a_person_is_in_a_segment(cli: Cli, demo_home: Path, buyer: str) -> None:
    done = cli("explain", "repeat_buyers", buyer, STRIPE_PIPELINE_HOME=str(demo_home))
    assert done.returncode == 0, done.stderr
    assert f"{buyer} is in repeat_buyers." in done.stdout
    assert "stripe_total_orders: " in done.stdout


def test_why_a_person_is_not(cli: Cli, demo_home: Path, buyer: str) -> None:
    done = cli("explain", "one_time_buyers", buyer, "--json", STRIPE_PIPELINE_HOME=str(demo_home))
    answer = json.loads(done.stdout)
    assert answer["is_member"] is False
    assert answer["why"] is None
    assert "exactly" in answer["rule"] or "one" in answer["rule"].lower()


def test_a_segment_with_a_typo(cli: Cli, demo_home: Path, buyer: str) -> None:
    done = cli("explain", "repeat_buyer", buyer, STRIPE_PIPELINE_HOME=str(demo_home))
    assert done.returncode == 2
    assert "repeat_buyers" in done.stderr


def test_consents_and_suppressions(cli: Cli, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    opt_in = ("consent", "opt-in", "email", "Ada@Shop.example", "--source", "counter")
    assert cli(*opt_in, STRIPE_PIPELINE_HOME=home).stdout.startswith("Recorded. ")
    assert "nothing changed" not in cli(*opt_in, STRIPE_PIPELINE_HOME=home).stderr
    for command, said in (
        (("consent", "opt-out", "email", "ada@shop.example"), "Recorded."),
        (("suppress", "add", "all", "ada@shop.example"), "Suppressed."),
        (("suppress", "add", "all", "ada@shop.example"), "nothing changed"),
        (("suppress", "lift", "all", "ada@shop.example"), "Lifted."),
    ):
        done = cli(*command, STRIPE_PIPELINE_HOME=home)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


def test_importing_consents_twice_records_them_once(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "consents.csv"
    file.write_text(
        "channel,address,status,source,occurred_at\n"
        "email,ada@shop.example,opt_in,counter,2026-01-31T09:30:00Z\n"
    )
    home = str(tmp_path / "home")
    first = cli("consent", "import", str(file), STRIPE_PIPELINE_HOME=home)
    second = cli("consent", "import", str(file), STRIPE_PIPELINE_HOME=home)
    assert "1 row " in first.stdout
    assert "; 0 new" in second.stdout


def test_every_command_shows_an_example(cli: Cli) -> None:
    commands = (
        (), ("check",), ("sync",), ("run",), ("demo",), ("profile",), ("explain",), ("ui",),
        ("docs",), ("consent", "import"), ("consent", "opt-in"), ("consent", "opt-out"),
        ("suppress", "add"), ("suppress", "lift"), ("segments", "list"), ("segments", "show"),
        ("segments", "new"), ("segments", "diff"),
    )  # fmt: skip
    for command in commands:
        done = cli(*command, "--help")
        assert done.returncode == 0
        assert "Example: " in done.stdout, command
        assert "stripe-pipeline" in done.stdout.partition("Example: ")[2]


@pytest.mark.parametrize("group", [(), ("consent",), ("suppress",), ("segments",)])
def test_the_list_of_commands_says_each_whole(cli: Cli, group: tuple[str, ...]) -> None:
    listed = cli(*group, "--help", COLUMNS="80").stdout.partition("Commands:")[2]
    assert listed
    assert "..." not in listed
