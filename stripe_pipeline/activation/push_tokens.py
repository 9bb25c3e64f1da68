"""The tokens of people's devices, to which push messages go: a metadata key of the customers.

The setting STRIPE_PIPELINE_PUSH_TOKEN_KEY names the key; the profiles have its values in a column.
"""

from stripe_pipeline.settings import Settings

_ADDRESSES = """
    from {addresses}
    union all by name
    select
        stripe_person_id as person_id,
        'customer' as member_type,
        stripe_customer_id as member_id,
        'push' as channel,
        {token} as address,
        {token} as compared_as
    from {profiles}
    where {token} is not null
"""


def with_tokens(settings: Settings, mart: str, table: str, profiles: str) -> str:
    """Return a query of a mart with the tokens in it: its rows, and a column or rows for them.

    `table` and `profiles` are what reads the mart, and customer_profiles, in SQL.
    """
    token = token_of(settings)
    if mart == "customer_profiles":
        return f"select *, {token} as push_token from {table}"
    if not settings.push_token_column:
        return f"from {table}"
    return _ADDRESSES.format(addresses=table, token=token, profiles=profiles)


def token_of(settings: Settings) -> str:
    """Return the expression of a profile's token in SQL: null where no setting names a key."""
    column = settings.push_token_column
    return f"nullif(trim({column}), '')" if column else "null::varchar"
