"""The key goes to Stripe, to this machine, or to the one host that two settings name."""

from collections.abc import Callable

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.ingestion.key_check import check
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.base_address import check_base, is_loopback
from tests.conftest import Cli
from tests.fake_stripe.server import Account, Answer

HERE = [
    "http://127.0.0.1:8930", "http://127.8.9.10", "https://127.0.0.1/", "http://localhost",
    "http://LocalHost:80/base", "http://[::1]:80", "https://[0:0:0:0:0:0:0:1]/",
]  # fmt: skip
STRIPE = ["https://api.stripe.com", "https://api.stripe.com/", "https://API.stripe.com:443"]
UNSAFE = [
    "", "127.0.0.1:80", "ftp://127.0.0.1", "http://api.stripe.com", "http://example.com",
    "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://2130706433",
    "http://0x7f.0.0.1", "http://127.1", "http://127.0.0.01", "http://0.0.0.0", "http://[::]",
    "http://[::ffff:127.0.0.1]", "http://[fe80::1]", "http://127.0.0.1@evil.example",
    "https://api.stripe.com@evil.example", "https://user:word@api.stripe.com",
    "http://127.0.0.1\\@evil.example", "http://127.0.0.1#@evil.example",
    "http://127.0.0.1?@evil.example", "https://api.stripe.com\n.evil.example",
    " https://api.stripe.com", "https://api.stripe.com/?x=", "http://127.0.0.1:99999999",
    "https://api.stripe.com:65536", "HTTPS://api.stripe.com",
    "http://localhost\u3002evil.example", "https://\u0430pi.stripe.com",
]  # fmt: skip
OTHERS = [
    "https://evil.example", "https://api.stripe.com.evil.example", "https://stripe.com",
    "https://localhost.evil.example", "https://2130706433", "https://xapi.stripe.com",
    "https://api-stripe.com:8443/v2",
]  # fmt: skip


@pytest.mark.parametrize("base", [*HERE, *STRIPE])
def test_stripe_and_this_machine_need_no_word(base: str) -> None:
    assert check_base(base) == base.rstrip("/")


@pytest.mark.parametrize("base", UNSAFE)
def test_what_is_no_safe_address_is_refused_whatever_is_allowed(base: str) -> None:
    for allowed in ("", "evil.example", "127.0.0.1", base, "api.stripe.com"):
        with pytest.raises(UsageError, match="can't be sent safely"):
            check_base(base, allowed)


@pytest.mark.parametrize("base", OTHERS)
@pytest.mark.parametrize("allowed", ["", "on", "1", "*", "example", "vil.example", "localhost"])
def test_another_host_needs_its_very_name(base: str, allowed: str) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_ALLOW_API_BASE="):
        check_base(base, allowed)


def test_a_host_that_both_settings_name() -> None:
    assert check_base("https://Proxy.example/", "proxy.example") == "https://Proxy.example"
    assert check_base("https://proxy.example:8443", "proxy.example") == "https://proxy.example:8443"
    assert check_base("https://proxy.example:8443", "proxy.example:8443")
    with pytest.raises(UsageError, match=r"=proxy\.example:8443 as well"):
        check_base("https://proxy.example:8443", "proxy.example:443")


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("https://user:word@api.stripe.com", "has a user name, a password"),
        ("https://rk_live_word@127.0.0.1", "has a user name, a password"),
        ("https://api.stripe.com?key=word", r"has a \? and something behind it"),
        ("https://api.stripe.com/#word", "has a # and something behind it"),
        ("https://api.stripe.com/v1", "path /v1.*write https://api.stripe.com, or"),
        ("https://api.stripe.com/v1/customers/", "path /v1/customers"),
    ],
)
def test_a_wrong_part_of_an_address_is_named_and_a_secret_is_not(base: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        check_base(base)
    assert "word@" not in str(raised.value) and "=word" not in str(raised.value)
    assert "#word" not in str(raised.value)


def test_what_counts_as_this_machine() -> None:
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    assert not any(map(is_loopback, ["localhost.", "127.1", "0.0.0.0", "::", "", None]))


def test_nothing_is_asked_of_a_host_that_is_not_allowed(
    make_settings: Callable[..., Settings],
) -> None:
    """By the settings, which tell it with all other mistakes, and by what asks."""
    with pytest.raises(UsageError, match=r"STRIPE_PIPELINE_ALLOW_API_BASE=proxy\.example"):
        load_settings(_env_file=None, stripe_api_base="https://proxy.example")
    settings = make_settings().model_copy(update={"stripe_api_base": "https://proxy.example"})
    for ask in (check, sync):
        with pytest.raises(UsageError, match=r"STRIPE_PIPELINE_ALLOW_API_BASE=proxy\.example"):
            ask(settings)


@pytest.mark.parametrize("command", ["check", "sync", "run"])
def test_the_commands_say_so(cli: Cli, command: str) -> None:
    done = cli(
        command, STRIPE_API_KEY="rk_test_51abcdefghijklmnop", STRIPE_API_BASE="https://evil.example"
    )
    assert done.returncode == 2
    assert "neither Stripe nor this machine" in done.stderr
    assert "51abcdefg" not in done.stderr


def test_a_redirection_is_not_followed(account: Account, settings: Settings, base: str) -> None:
    """Not even to the same host: the key goes to the address that was checked, or nowhere."""
    elsewhere = {"location": f"{base}/v1/stolen"}
    account.fault = lambda request: (
        Answer(302, raw=b"", headers=elsewhere) if request.path == "/v1/customers" else None
    )
    with pytest.raises(Exception, match="redirect"):
        sync(settings)
    assert account.asked("/v1/stolen") == []
