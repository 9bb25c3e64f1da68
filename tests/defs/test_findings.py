"""What the checks of a run found is told: each that didn't pass, once, in a sentence."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from stripe_pipeline.lake_checks.drift import drift_verdict
from stripe_pipeline.lake_checks.freshness import freshness_verdict
from stripe_pipeline.lake_checks.references import REFERENCES, references_verdict
from stripe_pipeline.lake_checks.timeline import as_of_verdict, history_verdict
from stripe_pipeline.orchestration.dbt_assets import SENTENCES
from stripe_pipeline.orchestration.findings import findings
from stripe_pipeline.settings.clock import AsOf
from stripe_pipeline.terminal.findings import print_findings
from stripe_pipeline.warehouse.ahead import Ahead
from stripe_pipeline.warehouse.dbt_findings import finding, is_warning

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
NAMES = ("passes", "warns", "warns_alike", "is_silent", "fails")
SPECS = [dg.AssetCheckSpec(name, asset="table") for name in NAMES]


@dg.asset(name="table", check_specs=SPECS)
def table() -> Iterator[Any]:
    yield dg.Output(None)
    for name, passed, severity, said in (
        ("passes", True, WARN, "All is well."),
        ("warns", False, WARN, "3 rows\nare odd."),
        ("warns_alike", False, WARN, "3 rows are odd."),
        ("is_silent", False, WARN, None),
        ("fails", False, ERROR, "1 row is wrong."),
    ):
        yield dg.AssetCheckResult(
            check_name=name, passed=passed, severity=severity, description=said
        )


def test_each_check_that_did_not_pass_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([table], instance=instance)
        found = findings(instance, result.run_id)
    capsys.readouterr()  # what Dagster says
    print_findings(found)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[1:] == [
        "1 check failed and 2 checks warn (`make ui` shows the history of each):",
        "  1 row is wrong. [table: fails]",
        "  The check didn't pass; `make ui` shows it under its asset. [table: is_silent]",
        "  3 rows are odd. [table: warns, table: warns_alike]",
    ]


def test_nothing_is_printed_where_all_passed(capsys: pytest.CaptureFixture[str]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        print_findings(findings(instance, "no-such-run"))
    assert capsys.readouterr().err == ""


def test_every_test_of_dbt_can_word_what_it_found(manifest: Mapping[str, Any]) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(tests) > 50
    for node in tests:
        sentence = finding(node, 1234)
        assert "1,234" in sentence, node["name"]
        assert sentence.endswith("."), node["name"]
        assert "None" not in sentence, node["name"]
        assert "\n" not in sentence, node["name"]
        # A sentence that begins with a number must agree with it.
        assert not re.search(r"\b1 (rows|values|keys|orders|running)\b", finding(node, 1))


def test_a_test_that_only_warns_says_what_it_means_in_its_own_words(
    manifest: Mapping[str, Any],
) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    warning = [node for node in tests if is_warning(node)]
    assert warning
    # What others say is read from the table, such as which currencies and days lack a rate.
    silent = {node["name"] for node in warning if not node["config"]["meta"].get("finding")}
    assert silent <= SENTENCES.keys()


NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ROW = {
    "compared": 9, "missing": 1, "stale": 0, "surplus": 0, "cosmetic": 0, "changed": 0,
    "repaired": 1, "requests": 2, "reconciled_at": NOW, "examples": ["in_1"],
}  # fmt: skip
# Of each check of the product's own a result that doesn't pass; a check that isn't here fails.
SAID = {
    "computed_for_the_present": lambda: (
        as_of_verdict(AsOf(NOW - timedelta(days=3), "--as-of"), NOW, NOW, NOW).sentence
    ),
    "history_is_not_ahead": lambda: history_verdict(Ahead(NOW, 2, 1, NOW)).sentence,
    "fresh": lambda: freshness_verdict(NOW - timedelta(days=3), NOW, NOW).sentence,
    "reconcile_drift": lambda: drift_verdict(ROW).sentence,
    "references": lambda: references_verdict({REFERENCES[0]: (10, 5)}, "prices", {}, {}).sentence,
}

# These need files, a key or an export; the tests named here see what they say.
SAID_ELSEWHERE = {
    "usable": "tests/ingestion/test_key_check.py",
    "unique": "tests/lake_checks/test_uniqueness.py",
    "readable": "tests/e2e/test_run.py",
    "templates_filled_in": "tests/activation/test_failing_templates.py",
    "nothing_kept_back": "tests/activation/test_outcome.py",
}


def test_every_check_of_ours_is_known_here(own_checks: set[str]) -> None:
    assert own_checks == SAID.keys() | SAID_ELSEWHERE.keys()


@pytest.mark.parametrize("check", SAID)
def test_a_check_of_ours_says_what_it_found_with_figures(check: str) -> None:
    sentence = SAID[check]()
    assert any(sign.isdigit() for sign in sentence)
    assert sentence.endswith(".")


@pytest.fixture(scope="module")
def own_checks(definitions: dg.Definitions) -> set[str]:
    models = definitions.resolve_assets_def(dg.AssetKey(["marts", "orders"]))
    of_dbt = {spec.key for spec in models.check_specs}
    graph = definitions.resolve_asset_graph()
    return {key.name for key in graph.asset_check_keys if key not in of_dbt}


@pytest.fixture(scope="module")
def manifest(demo_home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((demo_home / "dbt" / "manifest.json").read_bytes())
    return found
