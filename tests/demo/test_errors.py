"""Refusals: the status, type, code and parameter that Stripe answers with."""

import base64
from typing import Any

import httpx
import pytest
import stripe

from stripe_pipeline.demo.store import DEMO_KEY
from stripe_pipeline.demo.store.world import API_VERSION
from tests.demo.conftest import EXPIRED_KEY, LIMITED_KEY, pages


def _refused(client: httpx.Client, path: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    answer = client.get(path, params=parameters)
    error = answer.json()["error"]
    assert answer.headers["request-id"] in error["request_log_url"]
    return answer.status_code, error


@pytest.mark.parametrize(
    ("path", "parameters", "code", "param"),
    [
        ("/v1/customers", {"nonsense": 1}, "parameter_unknown", "nonsense"),
        ("/v1/customers", {"status": "all"}, "parameter_unknown", "status"),
        ("/v1/subscription_items", {"subscription": "sub_1", "created[gt]": 1},
         "parameter_unknown", "created[gt]"),
        ("/v1/test_helpers/test_clocks", {"created[gt]": 1}, "parameter_unknown", "created[gt]"),
        ("/v1/invoices", {"created[ge]": 1}, "parameter_unknown", "created[ge]"),
        ("/v1/customers", {"limit": 0}, "parameter_invalid_integer", "limit"),
        ("/v1/customers", {"limit": 101}, "parameter_invalid_integer", "limit"),
        ("/v1/customers", {"limit": "ten"}, "parameter_invalid_integer", "limit"),
        ("/v1/customers", {"created[gt]": "now"}, "parameter_invalid_integer", "created[gt]"),
        ("/v1/customers", {"starting_after": "cus_no"}, "resource_missing", "starting_after"),
        ("/v1/customers", {"ending_before": "cus_no"}, "resource_missing", "ending_before"),
        ("/v1/events", {"starting_after": "evt_no"}, "resource_missing", "starting_after"),
        ("/v1/subscription_items", {}, "parameter_missing", "subscription"),
    ],
)  # fmt: skip
def test_wrong_parameters(
    client: httpx.Client, path: str, parameters: dict[str, Any], code: str, param: str
) -> None:
    status, error = _refused(client, path, **parameters)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error"
    assert error["doc_url"].endswith(code)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v1/invoices", {"status": "lost"}),
        ("/v1/invoices", {"expand[]": "data.nothing"}),
        ("/v1/invoices", {"expand[]": "customer"}),
        ("/v1/invoices", {"expand[]": "data.total"}),
        ("/v1/invoices", {"expand[]": "data.discounts.source.coupon.applies_to"}),
        ("/v1/invoices", {"starting_after": "in_1", "ending_before": "in_2"}),
        ("/v1/events", {"type": "invoice.paid", "types[]": "invoice.paid"}),
        ("/v1/events", {"types[]": ["invoice.paid"] * 21}),
    ],
)
def test_unusable_values(client: httpx.Client, path: str, parameters: dict[str, Any]) -> None:
    status, error = _refused(client, path, **parameters)
    assert (status, error["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/customers/cus_no", "customer"),
        ("/v1/invoices/in_no", "invoice"),
        ("/v1/invoices/in_no/lines", "invoice"),
        ("/v1/coupons/GONE50", "coupon"),
        ("/v1/checkout/sessions/cs_no", "checkout.session"),
    ],
)
def test_unknown_ids(client: httpx.Client, path: str, kind: str) -> None:
    status, error = _refused(client, path)
    assert (status, error["code"]) == (404, "resource_missing")
    assert error["message"].startswith(f"No such {kind}: '")


def test_unknown_paths(client: httpx.Client) -> None:
    status, error = _refused(client, "/v1/nothing")
    assert (status, error["type"]) == (404, "invalid_request_error")
    assert "Unrecognized request URL (GET: /v1/nothing)" in error["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/v1/customers")
    assert answer.status_code == 405
    assert "Only GET" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Digest abc", None),
        ("Basic not-base64!", None),
        ("Bearer rk_test_wrong0000", None),
        ("Bearer pk_test_0000", "secret_key_required"),
        (f"Bearer {EXPIRED_KEY}", "api_key_expired"),
    ],
)
def test_keys_that_open_nothing(address: str, header: str | None, code: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.get(f"{address}/v1/customers", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"].get("code") == code
    assert "rk_test_wrong0000" not in answer.text


def test_basic_and_bearer_keys_are_taken(address: str) -> None:
    for header in (f"Bearer {DEMO_KEY}", f"bearer {DEMO_KEY}"):
        answer = httpx.get(f"{address}/v1/customers", headers={"Authorization": header})
        assert answer.status_code == 200
    basic = base64.b64encode(f"{DEMO_KEY}:".encode()).decode()
    answer = httpx.get(f"{address}/v1/customers", headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200


def test_a_restricted_key_is_told_what_it_lacks(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {LIMITED_KEY}"}
    for path in ("/v1/charges", "/v1/refunds", "/v1/charges/ch_1", "/v1/coupons"):
        answer = client.get(path, headers=headers)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (403, "more_permissions_required")
        assert "_read')" in error["message"]
        assert LIMITED_KEY not in answer.text
    assert client.get("/v1/invoices", headers=headers).status_code == 200


def test_expanding_needs_the_permission_of_what_is_expanded(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {LIMITED_KEY}"}
    answer = client.get("/v1/disputes", params={"expand[]": "data.charge"}, headers=headers)
    assert answer.status_code == 403
    assert "charge_read" in answer.text
    allowed = {"expand[]": "data.discounts"}
    assert client.get("/v1/invoices", params=allowed, headers=headers).status_code == 200


def test_versions(client: httpx.Client) -> None:
    assert client.get("/v1/coupons").headers["stripe-version"] == API_VERSION
    older = {"Stripe-Version": "2026-03-25.dahlia"}
    assert client.get("/v1/coupons", headers=older).headers["stripe-version"] == "2026-03-25.dahlia"
    answer = client.get("/v1/coupons", headers={"Stripe-Version": "latest"})
    assert answer.status_code == 400
    assert "Invalid Stripe API version" in answer.json()["error"]["message"]


def test_the_pinned_version_is_the_sdks() -> None:
    assert stripe.api_version == API_VERSION


def test_stripes_own_library_reads_the_store(client: httpx.Client, address: str) -> None:
    library = stripe.StripeClient(DEMO_KEY, base_addresses={"api": address})
    found = [body.id for body in library.v1.invoices.list({"limit": 100}).auto_paging_iter()]
    assert found == [body["id"] for body in pages(client, "/v1/invoices")]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        library.v1.customers.retrieve("cus_no")
    assert caught.value.code == "resource_missing"
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_no", base_addresses={"api": address}).v1.customers.list()
    denied = stripe.StripeClient(LIMITED_KEY, base_addresses={"api": address})
    with pytest.raises(stripe.PermissionError):
        denied.v1.charges.list()
