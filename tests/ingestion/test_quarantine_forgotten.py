"""Nothing of a forgotten customer stays in quarantine."""

import pytest

from stripe_pipeline.forget import forget
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import in_quarantine
from stripe_pipeline.settings import Settings
from tests.fake_stripe.odd_objects import body
from tests.fake_stripe.server import Account
from tests.fake_stripe.shop import add_customer, stock
from tests.ingestion.spoiling import held, kept_bodies, spoiled

# What identifies her, in bodies that no one can decode.
_HERS = {
    "by her id": rb'{"id": "", "customer": "cus_0003", "x": "\ud800"}',
    "by her address": rb'{"id": "", "customer": "cus_9", "email": "Ada.Needle@Example.org"}',
    "of no one": rb'{"id": "", "name": "Ada Needle"}',
}


_OTHERS = rb'{"id": "", "customer": "cus_0004", "x": "\ud800"}'


@pytest.mark.parametrize("name", _HERS)
def test_a_forgotten_customer_is_in_no_quarantine(
    account: Account, settings: Settings, lake: Lake, name: str
) -> None:
    stock(account, 5)
    account.objects["customers"]["cus_0003"]["email"] = "ada.needle@example.org"
    account.fault = spoiled(account, in_0002=_HERS[name], in_0004=_OTHERS)
    sync(settings)
    assert {_HERS[name], _OTHERS} <= set(kept_bodies(lake))
    forget(settings, "cus_0003")
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}
    assert len(in_quarantine(lake)) == 2
    sync(settings, full=True)
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}
    again = rb'{"id": "", "customer": "cus_0003", "x": "\ud801"}'
    account.fault = spoiled(account, in_0002=again, in_0004=_OTHERS)
    sync(settings, full=True)
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}


def test_a_customer_who_is_known_from_quarantine_alone(
    account: Account, settings: Settings, lake: Lake
) -> None:
    add_customer(account, 1)
    odd = body(id="cus_0001", object="customer", email=rb'"a\ud800@b.de"')
    account.fault = spoiled(account, cus_0001=odd)
    sync(settings)
    assert list(held(lake)) == ["cus_0001"]
    forget(settings, "cus_0001")
    assert [each for each in kept_bodies(lake) if each] == []
