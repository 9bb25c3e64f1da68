"""Hand-made people: who is one person, and by which links."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from . import shapes, shapes_catalogue
from .calculation import Marts, calculate
from .merchant import deleted, objects_of
from .objects import Body
from .question import Question

AS_OF = datetime(2026, 8, 31, 12, tzinfo=UTC)
ADA, BOB = "ada@example.com", "bob@example.com"
BERLIN = "+49 30 901820"


def customer(key: str, created: int = 0, **fields: Any) -> Body:
    return shapes.customer(key, shapes.CREATED + created, **{"email": None, **fields})


def guest(key: str, created: int = 0, **details: Any) -> Body:
    billing = {"address": None, "name": None, "email": None, "phone": None, **details}
    made = shapes.CREATED + created
    return shapes.charge(key, None, created=made, billing_details=billing, payment_intent="pi_1")


def marts(*bodies: Body, **options: Any) -> Marts:
    return calculate(objects_of(*bodies), Question(AS_OF, **options))


def people(*bodies: Body, **options: Any) -> dict[str, set[str]]:
    """The members of each person."""
    found: dict[str, set[str]] = {}
    for row in marts(*bodies, **options).person_links:
        found.setdefault(row["person_id"], set()).add(row["member_id"])
    return found


def links(*bodies: Body, **options: Any) -> set[tuple[str | None, ...]]:
    rows = marts(*bodies, **options).person_links
    names = ("member_id", "reason", "linked_member_id", "matched_value")
    return {tuple(row[name] for name in names) for row in rows}


def test_an_address_a_number_or_a_value_joins() -> None:
    one = customer("cus_1", 2, email=f" {ADA.upper()} ", phone=BERLIN)
    two = customer("cus_2", 1, email=ADA, metadata={"who": " 7 "})
    three = customer("cus_3", 0, phone="030 901820", address={"country": "DE"})
    four = customer("cus_4", 0, metadata={"who": "7"})
    assert people(one, two, three, four) == {
        "cus_3": {"cus_1", "cus_2", "cus_3"},
        "cus_4": {"cus_4"},
    }
    assert len(people(one, two, three, four, person_key="who")) == 1
    assert people(one, customer("cus_5", phone="12"), customer("cus_6", email="nobody")).keys() == {
        "cus_1",
        "cus_5",
        "cus_6",
    }


@pytest.mark.parametrize(
    "spelled",
    ["ä@müller.de", "Ä@MÜLLER.de", "a\u0308@xn--mller-kva.de", "ä@mu\u0308ller.de", "'ä@Müller.DE"],
)
def test_spellings_of_one_mailbox_join(spelled: str) -> None:
    bodies = customer("cus_1", email="ä@xn--mller-kva.de"), customer("cus_2", 1, email=spelled)
    assert people(*bodies) == {"cus_1": {"cus_1", "cus_2"}}
    assert ("cus_2", "email", "cus_1", "ä@xn--mller-kva.de") in links(*bodies)


def test_each_link_names_its_other_end() -> None:
    bodies = [customer(f"cus_{number}", -number, email=ADA) for number in (1, 2, 3)]
    assert links(*bodies) == {
        ("cus_3", "own", "cus_3", None),
        ("cus_3", "email", "cus_2", ADA),
        ("cus_2", "email", "cus_3", ADA),
        ("cus_1", "email", "cus_3", ADA),
    }


@pytest.mark.parametrize(
    "address", ["info@example.com", "Sales+Ada@example.com", "ada@example.invalid"]
)
def test_an_offices_address_and_a_dead_one_join_no_one(address: str) -> None:
    assert len(people(customer("cus_1", email=address), customer("cus_2", email=address))) == 2


def test_what_more_than_five_customers_have_joins_no_one() -> None:
    five = [customer(f"cus_{number}", email=ADA) for number in range(5)]
    gone = customer("cus_8", email=ADA)
    assert len(people(*five, guest("ch_1", email=ADA), gone, deleted(gone))) == 1
    assert len(people(*five, customer("cus_6", email=ADA), guest("ch_1", email=ADA))) == 7


def test_overrides_join_and_keep_apart() -> None:
    bodies = [customer(f"cus_{number}", number, email=ADA) for number in (1, 2, 3)]
    bodies.append(customer("cus_4", 4))
    overrides = (("apart", "cus_2", ""), ("join", "cus_4", "cus_2"), ("join", "cus_1", "cus_x"))
    found = people(*bodies, overrides=overrides)
    assert found == {"cus_1": {"cus_1", "cus_3"}, "cus_2": {"cus_2", "cus_4"}}
    assert ("cus_2", "override", "cus_4", None) in links(*bodies, overrides=overrides)
    assert ("cus_4", "override", "cus_2", None) in links(*bodies, overrides=overrides)


def test_guests_are_who_their_checkout_or_bill_says() -> None:
    session = shapes_catalogue.checkout_session(
        "cs_1", None, "pi_1", customer_details={"email": ADA, "name": "Ada Lovelace"}
    )
    bodies = [customer("cus_1", 9, email=ADA), guest("ch_1", email=BOB)]
    assert people(*bodies) == {"cus_1": {"cus_1"}, "ch_1": {"ch_1"}}
    assert people(*bodies, session) == {"cus_1": {"cus_1", "ch_1"}}
    assert people(guest("ch_2", phone="030 901820")) == {}
    assert people(guest("ch_2", phone=BERLIN)) == {"ch_2": {"ch_2"}}


def test_a_person_has_the_sums_of_all_and_the_words_of_one() -> None:
    bodies = [
        customer("cus_1", email=ADA, name="Ada Old"),
        customer("cus_2", 9, email=ADA, name="Ada Newer", phone=BERLIN),
        shapes.invoice("in_1", "cus_2", 1000),
        guest("ch_1", 60, email=ADA),
        shapes.refund("re_1", "ch_1", 400),
        shapes_catalogue.subscription("sub_1", "cus_1"),
        shapes_catalogue.subscription("sub_2", "cus_2"),
    ]
    (person,) = marts(*bodies).people
    assert (person["customers"], person["guest_payments"]) == (2, 1)
    assert (person["full_name"], person["last_name"]) == ("Ada Newer", "Newer")
    assert person["phone"] == "+4930901820"
    assert person["stripe_customer_ids"] == ["cus_1", "cus_2"]
    assert person["stripe_total_sales"] == Decimal("16.00")
    assert person["stripe_total_orders"] == 2
    assert person["stripe_subscription_active"] == 2
    assert person["stripe_mrr"] == Decimal("20.00")
    profiles = marts(*bodies).customer_profiles
    assert {row["stripe_person_id"] for row in profiles} == {"cus_1"}


def test_guests_facts_need_a_rate_as_soon_as_they_are_a_person() -> None:
    anonymous, known = guest("ch_1"), guest("ch_2", email=ADA)
    for body in (anonymous, known):
        body["currency"] = "eur"
    assert marts(anonymous).missing_exchange_rates == []
    assert [row["facts"] for row in marts(anonymous, known).missing_exchange_rates] == [1]
    assert marts(known).people[0]["stripe_total_sales"] is None
