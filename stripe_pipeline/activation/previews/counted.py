"""The same funnel as funnel.py, counted by DuckDB: an export of a million people shows it too."""

from collections.abc import Sequence

import pyarrow as pa

from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import script
from stripe_pipeline.activation.previews.funnel import SAMPLE, Row, gates_of, members_query

_FAILED = "message_key in (select message_key from failed)"
_BEGIN = """
    select
        count(*),
        count(*) filter (where gates.message_key is null),
        min(stripe_customer_id, {sample}) filter (where gates.message_key is null)
    from ({members}) as members
    left join gates using (stripe_customer_id, unit)
"""
_SAMPLE = f"""
    select stripe_customer_id, left(address, 1) || '...' as address, status, reason
    from decisions
    order by is_due desc, stripe_customer_id
    limit {SAMPLE}
"""


def counted_funnel(decisions: Decisions, failed: Sequence[pa.Table]) -> list[Row]:
    """Return the steps of a campaign's funnel, as `funnel_of` does: step, left, lost, sample.

    `failed` are the messages that don't fill in, as rows with a `message_key`.
    """
    connection, campaign = decisions.connection, decisions.campaign
    connection.execute(script("gates", campaign.channel))
    connection.execute("create or replace temp table failed (message_key varchar)")
    for rows in failed:
        keys = rows.select(["message_key"])  # noqa: F841 (DuckDB finds it by its name)
        connection.execute("insert into failed select message_key from keys")
    query, values = members_query(campaign.audience)
    begin = _BEGIN.format(members=query, sample=SAMPLE)
    [(members, twins, sample)] = connection.execute(begin, values).fetchall()
    names = gates_of(campaign.audience)
    people, due, *gates = connection.execute(_passing(names)).fetchall()[0]
    steps = [_step("members", members), _step("person_once", people, twins, sample)]
    left = people
    for gate, passed, lost in zip(names, gates[::2], gates[1::2], strict=True):
        steps.append(_step(gate, passed, left - passed, lost))
        left = passed
    return [*steps, _step("due", due)]


def masked_sample(decisions: Decisions) -> list[Row]:
    """Return a few people of a campaign with their decisions; of an address its first letter.

    Those who get the message now come first.
    """
    found = decisions.connection.execute(_SAMPLE)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _passing(gates: Sequence[str]) -> str:
    """Return the query of how many pass each gate and those before it, and who fails there."""
    counts, passed = [], "true"
    for gate in gates:
        test = f"not {_FAILED}" if gate == "fills_in" else gate
        lost = f"{passed} and not ({test})"
        passed = f"{passed} and {test}"
        counts += [
            f"count(*) filter (where {passed})",
            f"min(stripe_customer_id, {SAMPLE}) filter (where {lost})",
        ]
    due = f"count(*) filter (where is_due and not {_FAILED})"
    return f"select count(*), {due}, {', '.join(counts)} from gates"


def _step(name: str, left: int, lost: int = 0, sample: Sequence[str] | None = None) -> Row:
    return {"step": name, "left": left, "lost": lost, "sample": list(sample or [])}
