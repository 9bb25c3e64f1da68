"""Which keys are accepted, and that none of them is ever shown."""

from collections.abc import Callable

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.stripe_client.http.redact import redact, redact_all
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account
from tests.fake_stripe.shop import add_customer, stock

MakeSettings = Callable[..., Settings]


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_restricted_key_is_welcome(make_settings: MakeSettings, mode: str) -> None:
    key = require_key(make_settings(stripe_api_key=f" rk_{mode}_51Abc\n"))
    assert (key.mode, key.livemode, key.warning) == (mode, mode == "live", "")
    assert "51Abc" not in repr(key)


def test_a_secret_key_is_accepted_with_a_warning(make_settings: MakeSettings) -> None:
    settings = make_settings(stripe_api_key="sk_test_51Abc")
    assert "restricted key" in require_key(settings).warning
    assert "restricted key" in sync(settings).warnings[0]


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (None, "not set"),
        ("  ", "not set"),
        ("pk_live_51Abc", "publishable key"),
        ("sk_org_live_51Abc", "organization key"),
        ("whsec_abc", "webhook signing secret"),
        ("rk_test_", "doesn't look like"),
        ("rk_test_51Ab c", "doesn't look like"),
        ("my secret", "doesn't look like"),
    ],
)
def test_anything_else_is_refused(
    make_settings: MakeSettings, secret: str | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        require_key(make_settings(stripe_api_key=secret))
    assert "https://dashboard.stripe.com/apikeys" in str(raised.value)
    assert "51Ab" not in str(raised.value)


def test_a_live_key_in_a_test_home(make_settings: MakeSettings, account: Account) -> None:
    add_customer(account, 1)
    sync(make_settings())
    requests = len(account.requests)
    with pytest.raises(UsageError, match=r"is a live key.*holds test data.*STRIPE_PIPELINE_HOME"):
        sync(make_settings(stripe_api_key="rk_live_51Abc"))
    assert len(account.requests) == requests


def test_a_key_of_another_account(make_settings: MakeSettings, account: Account) -> None:
    stock(account, 3)
    sync(make_settings())
    mine = account.objects
    account.objects = {name: {} for name in mine}
    add_customer(account, 500)
    other = make_settings(stripe_api_key="rk_test_51Other")
    with pytest.raises(UsageError, match=r"belongs to another account.*ch_1"):
        sync(other)
    account.objects = mine
    add_customer(account, 4)
    assert sync(other, full=True)["customers"].added == 1
    account.requests.clear()
    sync(other)
    assert account.asked("/v1/charges/ch_1") == []


def test_the_key_is_nowhere_in_the_home(make_settings: MakeSettings, account: Account) -> None:
    stock(account, 3)
    settings = make_settings()
    sync(settings)
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert len(files) > 14
    assert not any(KEY[8:].encode() in path.read_bytes() for path in files)


def test_redaction() -> None:
    said = "Invalid API Key provided: rk_live_*************abcd of acct_1AbCd, whsec_9x, ****wxyz"
    assert redact(said) == "Invalid API Key provided: rk_live_… of acct_…, whsec_…, …"
    assert redact("key weird-one!", "weird-one!") == "key …"
    assert redact_all({"a": ["sk_test_abc"], "b": 1}) == {"a": ["sk_test_…"], "b": 1}
