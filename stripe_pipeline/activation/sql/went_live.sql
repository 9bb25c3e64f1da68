-- When the campaign went live on its audience: the as-of instant of its first run, while sends are
-- on of its first run with sends on. Before any, this run is the first. Homes of versions that
-- recorded no runs have the messages.
set variable went_live_at = (
    with recorded as (
        select as_of, place
        from campaign_versions()
        where
            campaign = getvariable('campaign')
            and audience = getvariable('audience')
            and (is_live or not getvariable('live'))
            and as_of at time zone 'UTC' <= getvariable('as_of')
    ),

    messages as (
        select as_of
        from outbox_entries
        where
            campaign = getvariable('campaign')
            and segment = getvariable('audience')
            and status in ('exported', 'rehearsed')
            and (status = 'exported' or not getvariable('live'))
    )

    select
        coalesce(
            least(
                (select arg_min(as_of, place) from recorded) at time zone 'UTC',
                (select min(as_of) from messages) at time zone 'UTC'
            ),
            getvariable('as_of')
        )
);
