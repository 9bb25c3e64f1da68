"""The other members of a customer's person, and why: read from the published marts."""

from stripe_pipeline.warehouse.readers import Marts, Row, as_text

# A row "own" is no link: it names the person.
_LINKS_OF_OTHERS = """
    select member_type, member_id, reason, matched_value, linked_member_id
    from mart
    where
        person_id in (select person_id from mart where member_id = ?)
        and member_id <> ?
        and reason <> 'own'
    order by member_type, member_id, reason, linked_member_id
"""
_WHAT_IS_SAME = {
    "email": "the email address",
    "phone": "the phone number",
    "metadata": "the metadata value",
}


def links_of(marts: Marts, customer_id: str) -> list[Row]:
    """Return the other customers and guest payments of a customer's person, one row per link.

    Customers come first. Each row has `member_type` (customer or guest_payment), `member_id` (for a
    guest payment its order), `reason`, `matched_value` and `linked_member_id` as in
    marts.person_links, and `why`, the same in words. Empty for a customer who is alone, or unknown.
    """
    links = marts.rows("person_links", _LINKS_OF_OTHERS, [customer_id, customer_id])
    return [{**link, "why": _why(link)} for link in links]


def _why(link: Row) -> str:
    other = link["linked_member_id"]
    if link["reason"] == "override":
        return f"joined with {other} by a line of the overrides file"
    # A reason that this code doesn't know is printed by its name.
    what = _WHAT_IS_SAME.get(link["reason"], link["reason"])
    return f"has {what} {as_text(link['matched_value'])} in common with {other}"
