"""Dagster requests a run as soon as something was delivered, and one at a time."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from stripe_pipeline.defs.deliveries import read_deliveries, webhooks_received
from stripe_pipeline.defs.ingestion import stripe
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.webhooks.spool import is_waiting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account, error
from tests.fake_stripe.shop import stock
from tests.ingestion.lakes import current
from tests.ingestion.webhooks.test_intake import deliver, rename


@pytest.fixture
def home(account: Account, settings: Settings) -> Settings:
    """A home after a first sync."""
    stock(account, 20)
    sync(settings)
    return settings


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def tick(instance: dg.DagsterInstance, home: Settings) -> Any:
    """What the sensor answers now: a request, or the words with which it waits."""
    with dg.build_sensor_context(instance=instance, resources={"home": Home.of(home)}) as context:
        answer = webhooks_received(context)
    return answer.skip_message if isinstance(answer, dg.SkipReason) else answer


def requested_job(home: Settings) -> dg.JobDefinition:
    """What the sensor's request runs."""
    name = webhooks_received.job_name
    assert name is not None
    return dg.Definitions(
        assets=[stripe], jobs=[read_deliveries], resources={"home": Home.of(home)}
    ).resolve_job_def(name)


def execute(
    instance: dg.DagsterInstance, home: Settings, request: dg.RunRequest
) -> dg.ExecuteInProcessResult:
    """Run what was requested, as the daemon would."""
    return requested_job(home).execute_in_process(
        instance=instance, tags=request.tags, raise_on_error=False
    )


def test_what_was_delivered_is_read_and_nothing_else(
    home: Settings, instance: dg.DagsterInstance, account: Account
) -> None:
    assert tick(instance, home) == "Nothing was delivered."
    deliver(home, rename(account, 3, "Renamed"))
    account.requests.clear()
    result = execute(instance, home, tick(instance, home))
    assert result.success
    assert [request.path for request in account.requests] == ["/v1/customers/cus_0003"]
    assert current(Lake(home.lake), "customers")["cus_0003"]["name"] == "Renamed"
    written = {
        event.asset_key.to_user_string()
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert written == {"stripe/customers", "stripe/events"}
    assert tick(instance, home) == "Nothing was delivered."


def test_never_two_at_a_time(
    home: Settings, instance: dg.DagsterInstance, account: Account
) -> None:
    deliver(home, rename(account, 3, "Renamed"))
    request = tick(instance, home)
    run = instance.create_run_for_job(
        requested_job(home), tags=request.tags, status=dg.DagsterRunStatus.STARTING
    )
    assert tick(instance, home) == f"The run {run.run_id} is under way."
    instance.report_run_canceled(run)
    assert isinstance(tick(instance, home), dg.RunRequest)


def test_a_run_that_failed_is_not_repeated_at_once(
    home: Settings, instance: dg.DagsterInstance, account: Account
) -> None:
    deliver(home, rename(account, 3, "Renamed"))
    account.fault = lambda request: error(500, "Sorry")
    assert not execute(instance, home, tick(instance, home)).success
    assert is_waiting(home.webhooks)
    assert "failed; the next attempt is a minute after it" in tick(instance, home)


def test_before_the_first_sync_nothing_is_requested(
    home: Settings, instance: dg.DagsterInstance
) -> None:
    for batch in Lake(home.lake).batches("customers"):
        batch.path.unlink()
    deliver(home, {"id": "evt_1"})
    assert "waits until a sync has read everything once" in tick(instance, home)
