"""Each answer that Stripe may give: asked again, refused by name, or waited out.

What befalls a whole merchant is tested in faults/.
"""

from collections.abc import Callable

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import in_quarantine
from stripe_pipeline.settings import Settings
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import stock
from tests.ingestion.lakes import assert_mirrors, counts

HTML = b"<html><body>Bad gateway</body></html>"
HALF = Answer(accident="half", raw=b'{"object": "list", "data": [')
PASSING = {
    "429 of the account": error(429, "Too many requests"),
    "429 of an endpoint": Answer(
        429, {"error": {}}, {"stripe-rate-limited-reason": "endpoint-rate"}
    ),
    "429 of all endpoints": Answer(
        429, {"error": {}}, {"stripe-rate-limited-reason": "global-rate"}
    ),
    "429 of concurrency": Answer(
        429, {"error": {}}, {"stripe-rate-limited-reason": "global-concurrency"}
    ),
    "429 with advice against": Answer(429, {"error": {}}, {"stripe-should-retry": "false"}),
    "429 of a lock": error(429, "Locked", code="lock_timeout"),
    "409": error(409, "Conflict"),
    "500": error(500, "An error occurred"),
    "502 in HTML": Answer(502, raw=HTML),
    "503": error(503, "Unavailable"),
    "504 and nothing": Answer(504, raw=b""),
    "200 in HTML": Answer(raw=HTML),
    "200 and nothing": Answer(raw=b""),
    "200 and no list": Answer(body={"object": "balance"}),
    "200 cut off": Answer(raw=b'{"object": "list", "data": [{"id": "cus'),
    "half a body": HALF,
    "a reset connection": Answer(accident="reset"),
    "an empty page with more": Answer(body={"object": "list", "data": [], "has_more": True}),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_what_passes_is_waited_out(
    account: Account, settings: Settings, lake: Lake, answer: Answer
) -> None:
    stock(account, 5)
    seen: set[str] = set()

    def first_time(request: Request) -> Answer | None:
        is_first = request.path not in seen
        seen.add(request.path)
        return answer if is_first and request.path != "/v1/products" else None

    account.fault = first_time
    sync(settings)
    assert_mirrors(lake, account)


LASTING = {
    "500": (error(500, "An error occurred"), "An error occurred"),
    "200 in HTML": (Answer(raw=HTML), "isn't JSON"),
    "429": (error(429, "Too many requests"), "STRIPE_PIPELINE_RATE_LIMIT"),
    "reset": (Answer(accident="reset"), "couldn't be reached"),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_ends_in_a_sentence(
    account: Account, settings: Settings, lake: Lake, name: str
) -> None:
    answer, words = LASTING[name]
    stock(account, 5)
    account.fault = lambda request: answer if request.path == "/v1/invoices" else None
    with pytest.raises(PipelineError, match=words) as raised:
        sync(settings)
    assert "\n" not in str(raised.value)
    assert len(account.asked("/v1/invoices")) == 10
    if name != "reset":  # what fails for one resource alone lets the others finish
        assert counts(lake)["customers"] == 5
    account.fault = lambda request: None
    sync(settings)
    assert_mirrors(lake, account)


REFUSED = {
    "400": error(400, "Received unknown parameter: colour", param="colour"),
    "401": error(401, f"Invalid API Key provided: {KEY[:8]}*******mnop"),
    "404": error(404, "Unrecognized request URL"),
    "500 with advice against": Answer(500, {"error": {}}, {"stripe-should-retry": "false"}),
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
def test_what_is_final_is_asked_once(account: Account, settings: Settings, answer: Answer) -> None:
    account.fault = lambda request: answer if request.path == "/v1/customers" else None
    with pytest.raises(PipelineError, match="request req_"):
        sync(settings)
    assert len(account.asked("/v1/customers")) == 1


def test_a_refused_key_is_named_and_not_shown(account: Account, settings: Settings) -> None:
    account.fault = lambda request: error(401, f"Invalid API Key provided: {KEY} on acct_1Abc")
    with pytest.raises(PipelineError, match="Stripe refused the key") as raised:
        sync(settings)
    chain: list[BaseException | None] = [raised.value, raised.value.__cause__]
    for link in chain:
        assert KEY not in repr(link)
        assert "acct_1" not in repr(link)


def test_one_missing_permission_skips_one_resource(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    said = f"Permission denied. The key '{KEY[:8]}*******mnop' on account 'acct_1Abc' lacks it."
    account.fault = lambda request: (
        error(403, said, code="more_permissions_required")
        if request.path.startswith("/v1/refunds")
        else None
    )
    report = sync(settings)
    [warning] = report.warnings
    assert "Refunds" in warning and "charge_read" in warning
    assert "mnop" not in warning and "acct_1" not in warning
    assert counts(lake)["charges"] == 1
    assert counts(lake)["refunds"] == 0
    access = {
        row["resource"]: row for table in lake.read("resource_access") for row in table.to_pylist()
    }
    assert not access["refunds"]["is_readable"]
    assert access["charges"]["is_readable"]


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/invoices"])
def test_without_customers_or_invoices_the_rest_is_read(
    account: Account, settings: Settings, lake: Lake, path: str
) -> None:
    stock(account, 5)
    account.fault = lambda request: (
        error(403, "Permission denied.") if request.path.startswith(path) else None
    )
    sync(settings)
    assert counts(lake)["charges"] == 1
    # Once more without the expansion, which might have been what was refused.
    assert len(account.asked(path)) <= 2


def test_a_list_that_goes_in_circles_is_given_up(account: Account, settings: Settings) -> None:
    stock(account, 250)

    def circle(request: Request) -> Answer | None:
        if request.path != "/v1/customers":
            return None
        return account._list(Request(request.path, [("limit", "100")], {}), "customers")

    account.fault = circle
    with pytest.raises(PipelineError, match="repeats a page of Customers"):
        sync(settings)


def test_a_stranger_in_a_list_is_quarantined_by_name(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.add("invoices", "il_1", 5, lines={})["object"] = "line_item"
    sync(settings)
    assert in_quarantine(lake)[0].reason == "it is a 'line_item' among Invoices"
    del account.objects["invoices"]["il_1"]
    assert_mirrors(lake, account)


def test_an_object_of_the_other_mode_is_refused(account: Account, settings: Settings) -> None:
    account.add("customers", "cus_live", 5)["livemode"] = True
    with pytest.raises(PipelineError, match="a test key with the live object cus_live"):
        sync(settings)


def test_no_one_there(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(PipelineError, match=r"couldn't be reached \(no answer from 127.0.0.1:9:"):
        sync(make_settings(stripe_api_base="http://127.0.0.1:9"))


def test_a_wait_that_is_asked_for_is_kept(account: Account, settings: Settings) -> None:
    wait = {"retry-after": "1"}
    answers = iter([Answer(429, {"error": {}}, wait)])
    account.fault = lambda request: next(answers, None) if request.path == "/v1/customers" else None
    assert sync(settings).seconds >= 1
