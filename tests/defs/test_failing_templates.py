"""The export assets in Dagster: a held message is a warning with campaign and count, no name."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.defs.activation import email_export
from stripe_pipeline.home import Home
from stripe_pipeline.orchestration.findings import findings
from tests.activation.shop import consent, customer, open_shop, publish_shop, stay

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
RAW = (
    "name: raw\nsegment: vip\nexisting_members: include\n"
    "channel: email\nsubject: s\nbody: '{{ profile.first_name }}'\n"
)


@pytest.mark.parametrize("fails", [False, True])
def test_a_template_that_fails_for_a_customer_warns(tmp_path: Path, fails: bool) -> None:
    shop = open_shop(tmp_path / "home", RAW)
    people = [customer(1, first_name="Ann" * (700_000 if fails else 1)), customer(2)]
    stays = [stay(one, entered_at=LONG_AGO) for one in people]
    publish_shop(
        shop, people, stays, [{**consent(one["email"]), "occurred_at": LONG_AGO} for one in people]
    )
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [email_export], instance=instance, resources={"home": Home.of(shop)}
        )
        found = [one for one in findings(instance, result.run_id) if "templates" in str(one)]
    [event] = [
        one
        for one in result.asset_materializations_for_node("email_export")
        if one.asset_key == email_export.key
    ]
    assert event.metadata["new_messages"].value == (1 if fails else 2)
    assert ("1 held" in str(event.metadata["campaigns"].value)) == fails
    assert len(found) == fails
    if fails:
        assert "1 of raw; correct the campaign" in str(found[0])
        assert "Ann" not in str(found[0])
        assert "cus_" not in str(found[0])
