"""When things run by themselves: after which facts, and what is switched on from the start."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

MEMBERS = dg.AssetKey(["marts", "segment_members"])
PUBLISHED = dg.AssetKey("published")
EXPORTS = [dg.AssetKey(f"{channel}_export") for channel in ("email", "sms", "push")]


class Ticks:
    """The sensor's evaluations, one after another, over facts that a test reports."""

    def __init__(self, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.definitions, self.instance = definitions, instance
        self.cursor: Any = None
        graph = definitions.resolve_asset_graph()
        self.parents = graph.get(PUBLISHED).parent_keys
        self.checks = [
            key
            for parent in self.parents
            for key in graph.get_check_keys_for_assets({parent})
            if graph.get(key).blocking
        ]

    def requested(self) -> set[str]:
        keys = [PUBLISHED, *EXPORTS]
        result = dg.evaluate_automation_conditions(
            self.definitions,
            self.instance,
            asset_selection=dg.AssetSelection.assets(*keys),
            cursor=self.cursor,
        )
        self.cursor = result.cursor
        return {key.to_user_string() for key in keys if result.get_num_requested(key)}

    def materialize(self, key: dg.AssetKey, data_version: str | None = None) -> None:
        tags = {"dagster/data_version": data_version} if data_version else {}
        self.instance.report_runless_asset_event(dg.AssetMaterialization(key, tags=tags))

    def marts(self, *, checks_pass: bool = True) -> None:
        """All marts materialized, then tested."""
        for key in self.parents:
            self.materialize(key)
        for check in self.checks:
            self.instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=check.asset_key, check_name=check.name, passed=checks_pass
                )
            )


@pytest.fixture
def ticks(definitions: dg.Definitions) -> Iterator[Ticks]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Ticks(definitions, instance)


def test_nothing_is_requested_for_its_own_sake(ticks: Ticks) -> None:
    assert ticks.requested() == set()
    assert ticks.requested() == set()


def test_changed_membership_requests_the_exports(ticks: Ticks) -> None:
    ticks.requested()
    ticks.marts()
    assert ticks.requested() == {"published"}
    ticks.materialize(PUBLISHED, data_version="members 1")
    assert ticks.requested() == {"email_export", "sms_export", "push_export"}
    assert ticks.requested() == set()


def test_the_same_membership_requests_nothing(ticks: Ticks) -> None:
    test_changed_membership_requests_the_exports(ticks)
    ticks.marts()
    assert ticks.requested() == {"published"}
    ticks.materialize(PUBLISHED, data_version="members 1")
    assert ticks.requested() == set()


def test_a_failed_blocking_check_holds_everything_until_it_passes(ticks: Ticks) -> None:
    ticks.requested()
    assert ticks.checks
    ticks.marts(checks_pass=False)
    assert ticks.requested() == set()
    assert ticks.requested() == set()
    ticks.marts(checks_pass=True)
    assert ticks.requested() == {"published"}


def test_one_failed_check_is_enough(ticks: Ticks) -> None:
    ticks.requested()
    ticks.marts()
    one = ticks.checks[0]
    ticks.instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(asset_key=one.asset_key, check_name=one.name, passed=False)
    )
    assert ticks.requested() == set()


def test_a_whole_run_leaves_nothing_to_request(ticks: Ticks) -> None:
    ticks.requested()
    ticks.marts()
    ticks.materialize(PUBLISHED, data_version="members 2")
    for export in EXPORTS:
        ticks.materialize(export)
    assert ticks.requested() == set()


def test_what_is_switched_on_from_the_start(definitions: dg.Definitions) -> None:
    schedules, sensors = list(definitions.schedules or []), list(definitions.sensors or [])
    assert {each.name: getattr(each, "cron_schedule", None) for each in schedules} == {
        "poll_stripe": "*/5 * * * *", "reconcile_weekly": "30 3 * * 0",
    }  # fmt: skip
    assert {each.default_status for each in schedules} == {dg.DefaultScheduleStatus.STOPPED}
    # Both stay quiet until a person materializes marts, or runs `stripe-pipeline webhooks`.
    assert {sensor.name: sensor.default_status for sensor in sensors} == dict.fromkeys(
        ("segment_membership_changed", "webhooks_received"), dg.DefaultSensorStatus.RUNNING
    )


def test_the_job_runs_everything_but_the_comparison(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("stripe_pipeline")
    assert {node.name for node in job.nodes} == {
        "stripe", "dbt", "stripe_checks", "published", "email_export", "sms_export", "push_export",
    }  # fmt: skip
    weekly = definitions.resolve_job_def("reconcile")
    assert [node.name for node in weekly.nodes] == ["compare_with_stripe"]
