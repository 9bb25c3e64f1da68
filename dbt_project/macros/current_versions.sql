{# Where a version stands in its table: in a later batch, or later in the same one, is newer. #}
{% macro version_position(relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    {{ of }}batch * 4294967296 + {{ of }}position
{%- endmacro %}


{#
    One row per object of a lake table.

    columns: those of the version that counts; all of them by default.
    only_new: leave out the batches that this (incremental) model has read already; by the statistics
        of their files the engine doesn't read them.
    only_normalized: leave out the batches whose contacts aren't normalized yet (contacts.sql).
    last_live_body: give a deleted object the body that it last had instead of Stripe's stub;
        is_stub is true where no version but the stub was read.

    The first scan finds which version counts, reading no bodies; the second streams the bodies past
    that short list, by their place alone: it is a number, and no two versions have the same. A
    window over whole rows would hold every body in memory.
#}
{% macro current_versions(resource, columns=none, only_new=false, only_normalized=false, last_live_body=false) %}
    {%- set columns = columns or [
        'id', 'object', 'created', 'livemode', 'customer_id', 'api_version', 'observed_at', 'body'
    ] -%}
    {%- set lake_table = source('lake', resource) -%}
    {%- set wanted = [unread_batches() if only_new else 'true'] -%}
    {%- if only_normalized -%}
        {%- do wanted.append('batch <= ' ~ normalized_until(resource)) -%}
    {%- endif -%}
    select
        {% for column in columns -%}
        versions.{{ column }},
        {% endfor -%}
        chosen.is_deleted,
        chosen.is_stub,
        chosen.newest_batch as _batch
    from {{ lake_table }} as versions
    inner join (
        select
            {%- if last_live_body %}
            coalesce(
                max({{ version_position() }}) filter (where not is_deleted),
                max({{ version_position() }})
            ) as place,
            {%- else %}
            max({{ version_position() }}) as place,
            {%- endif %}
            {{ last_value_by('is_deleted', [version_position()]) }} as is_deleted,
            bool_and(is_deleted) as is_stub,
            max(batch) as newest_batch
        from {{ lake_table }}
        where {{ wanted | join(' and ') }}
        group by id
    ) as chosen
        on {{ version_position('versions') }} = chosen.place
    where {{ wanted | join(' and ') }}
{% endmacro %}


{#
    The newest version of each object, its body parsed once into the struct `name` that `shape` (see
    parse_json) describes; in an incremental run only of what the new batches hold. A deleted object
    keeps the body that it last had. only_normalized: as for current_versions.
#}
{% macro parsed_versions(resource, name, shape, only_normalized=false) %}
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', shape) }} as {{ name }}
    from ({{ current_versions(
        resource, ['id', 'body'], only_new=is_incremental(), only_normalized=only_normalized,
        last_live_body=true
    ) }})
{% endmacro %}


{# Condition: the row is in a batch that this incremental model hasn't read. #}
{% macro unread_batches() -%}
    {%- if not execute -%}
        true
    {%- else -%}
        {%- set newest = run_query('select coalesce(max(_batch), 0) from ' ~ this).columns[0].values()[0] -%}
        batch > {{ newest }}
    {%- endif -%}
{%- endmacro %}


{#
    Every version of a lake table's objects that isn't a stub (query), one per object and instant of
    reading; in an incremental run only of what the new batches hold. Bodies are streamed past the list
    of the places that count, as in current_versions.
#}
{% macro observed_versions(resource, columns) %}
    {%- set lake_table = source('lake', resource) -%}
    {%- set unread = unread_batches() if is_incremental() else 'true' -%}
    select
        {% for column in columns -%}
        versions.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ lake_table }} as versions
    inner join (
        select max({{ version_position() }}) as place
        from {{ lake_table }}
        where {{ unread }} and not is_deleted
        group by id, observed_at
    ) as chosen
        on {{ version_position('versions') }} = chosen.place
    where {{ unread }}
{% endmacro %}
