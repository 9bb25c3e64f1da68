"""Every entry of a nested list is read, however the list behaves meanwhile."""

from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.lists.nested import splice
from tests.fake_stripe.server import Account, Answer, Request, error, missing, nested
from tests.fake_stripe.shop import SPRING, add_customer, add_invoice
from tests.ingestion.lakes import assert_mirrors, current

LINES = "/v1/invoices/in_0001/lines"


@pytest.fixture
def draft(account: Account) -> dict[str, Any]:
    """An invoice of 250 lines."""
    add_customer(account, 1)
    return add_invoice(account, 1, lines=250, status="draft")


def test_lines_are_complete_and_in_order(
    draft: dict[str, Any], account: Account, settings: Settings, lake: Lake
) -> None:
    sync(settings)
    assert_mirrors(lake, account)
    assert len(account.asked(LINES)) == 3


def test_a_list_that_changes_underneath_is_restarted(
    draft: dict[str, Any], account: Account, settings: Settings, lake: Lake
) -> None:
    edits = iter(range(2))

    def edit(request: Request) -> Answer | None:
        if (
            request.path == LINES
            and request.get("starting_after")
            and next(edits, None) is not None
        ):
            draft["lines"]["data"] = draft["lines"]["data"][7:]
            return error(
                400, "The invoice does not have a line item with that id", param="starting_after"
            )
        return None

    account.fault = edit
    sync(settings)
    assert len(current(lake, "invoices")["in_0001"]["lines"]["data"]) == 236
    assert_mirrors(lake, account)


def test_a_list_that_never_holds_still_is_given_up(
    draft: dict[str, Any], account: Account, settings: Settings
) -> None:
    account.fault = lambda request: (
        error(400, "does not have a line item", param="starting_after")
        if request.get("starting_after")
        else None
    )
    with pytest.raises(PipelineError, match="the list lines of in_0001 changed 5 times"):
        sync(settings)


def test_entries_are_read_without_what_may_not_be_expanded(
    account: Account, settings: Settings, lake: Lake
) -> None:
    items = nested([{"id": f"si_{n}", "object": "subscription_item"} for n in range(25)])
    account.add("subscriptions", "sub_1", SPRING, status="active", items=items)
    account.fault = lambda request: (
        error(403, "Permission denied.")
        if request.get("expand[]") and request.path.startswith("/v1/subscription")
        else None
    )
    [warning] = sync(settings).warnings
    assert "Subscriptions are read without discounts" in warning
    assert_mirrors(lake, account)


def test_a_draft_deleted_meanwhile_is_a_tombstone(
    draft: dict[str, Any], account: Account, settings: Settings, lake: Lake
) -> None:
    def delete(request: Request) -> Answer | None:
        if request.path == LINES and "in_0001" in account.objects["invoices"]:
            account.delete("invoices", "in_0001")
        return None

    account.fault = delete
    sync(settings)
    assert current(lake, "invoices")["in_0001"]["deleted"] is True


def test_a_list_that_stripe_denies_doesnt_delete_its_parent(
    draft: dict[str, Any], account: Account, settings: Settings, lake: Lake
) -> None:
    account.fault = lambda request: missing("in_0001") if request.path == LINES else None
    [warning] = sync(settings).warnings
    assert "only the first lines of in_0001" in warning
    assert len(current(lake, "invoices")["in_0001"]["lines"]["data"]) == 10


def test_splicing_leaves_the_rest_byte_for_byte() -> None:
    body = b'{"a":1.50,"lines":{"has_more":true,"data":[{"x":0.10}],"url":"/u"},"z":"\\u00e9"}'
    spliced = splice(body, {"lines": []})
    assert spliced == b'{"a":1.50,"lines":{"has_more":false,"data":[],"url":"/u"},"z":"\\u00e9"}'
