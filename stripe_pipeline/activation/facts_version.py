"""A version of the facts that trigger campaigns: when it changes, exports have something to do."""

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.eligibility import deciding, find_occasions
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.publish import published_as_of, published_set


def facts_version(settings: Settings) -> str:
    """Return a digest of the facts of all live campaigns with a trigger; "" where there are none.

    Wrong campaign files have none: the exports say what is wrong.

    Raises:
        PipelineError: nothing is published, or a mart that a trigger reads isn't.
    """
    as_of = published_as_of(settings)
    try:
        campaigns = [one for one in load_campaigns(settings) if one.is_live]
    except UsageError:
        return ""
    triggered = [one for one in campaigns if one.audience.trigger]
    if as_of is None or not triggered:
        return ""
    parts = []
    with deciding(settings, published_set(settings), triggered) as connection:
        for one in triggered:
            find_occasions(connection, one, as_of, live=settings.live_sends)
            parts += connection.execute(
                "select count(*), coalesce(bit_xor(md5_number(stay)), 0) from customer_stays"
            ).fetchall()
    return "".join(f"+{count}-{digest}" for count, digest in parts)
