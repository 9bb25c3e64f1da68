"""All gaps of a key are reported at once."""

from collections.abc import Callable

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.key_check import check
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account, error
from tests.fake_stripe.shop import add_customer


def test_each_resource_is_probed_once(account: Account, settings: Settings) -> None:
    report = check(settings)
    assert report.missing == []
    assert (report.mode, report.home_mode, report.fits_home) == ("test", None, True)
    assert sorted(each.path for each in account.requests) == sorted(e.path for e in RESOURCES)
    assert {each.get("limit") for each in account.requests} == {"1"}
    assert not settings.home.exists()


def test_all_gaps_at_once(account: Account, settings: Settings) -> None:
    closed = ("/v1/refunds", "/v1/charges", "/v1/prices")
    account.fault = lambda request: error(403, "no") if request.path in closed else None
    report = check(settings)
    assert report.missing == ["plan_read", "charge_read"]
    unreadable = [each for each in report.resources if not each.is_readable]
    assert next(each.permission_name for each in unreadable) == "Prices"


def test_a_home_of_the_other_mode(
    account: Account, settings: Settings, make_settings: Callable[..., Settings]
) -> None:
    add_customer(account, 1)
    sync(settings)
    report = check(make_settings(stripe_api_key="rk_live_51Abc"))
    assert (report.mode, report.home_mode, report.fits_home) == ("live", "test", False)


def test_a_refused_key(account: Account, settings: Settings) -> None:
    account.fault = lambda request: error(401, "Invalid API Key provided: rk_test_***9999")
    with pytest.raises(PipelineError, match="Stripe refused the key") as raised:
        check(settings)
    assert "9999" not in str(raised.value)
