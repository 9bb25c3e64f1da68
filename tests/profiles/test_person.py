"""Who else is the same person, told from the published marts."""

from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.profiles.person import links_of
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.readers import Marts

LINKS = """
    select * from (values
        ('cus_1', 'customer', 'cus_1', 'own', null, 'cus_1'),
        ('cus_1', 'customer', 'cus_1', 'email', 'a@x.org', 'cus_2'),
        ('cus_1', 'customer', 'cus_2', 'email', 'a@x.org', 'cus_1'),
        ('cus_1', 'customer', 'cus_2', 'override', null, 'cus_3'),
        ('cus_1', 'customer', 'cus_3', 'override', null, 'cus_2'),
        ('cus_1', 'guest_payment', 'ch_1', 'phone', '+491', 'cus_2'),
        ('cus_4', 'customer', 'cus_4', 'own', null, 'cus_4')
    ) as links (person_id, member_type, member_id, reason, matched_value, linked_member_id)
"""


@pytest.fixture
def marts(tmp_path: Path) -> Marts:
    published = tmp_path / "published"
    published.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"copy ({LINKS}) to '{published / 'person_links.parquet'}'")
    return Marts(load_settings(STRIPE_PIPELINE_HOME=tmp_path))


def test_the_others_are_told_with_their_reasons(marts: Marts) -> None:
    links = links_of(marts, "cus_3")
    assert [(link["member_id"], link["why"]) for link in links] == [
        ("cus_1", "has the email address a@x.org in common with cus_2"),
        ("cus_2", "has the email address a@x.org in common with cus_1"),
        ("cus_2", "joined with cus_3 by a line of the overrides file"),
        ("ch_1", "has the phone number +491 in common with cus_2"),
    ]
    assert links[-1]["member_type"] == "guest_payment"


def test_no_one_else_is_an_empty_list(marts: Marts) -> None:
    assert links_of(marts, "cus_4") == []
    assert links_of(marts, "cus_unknown") == []
