{{ config(materialized='table') }}

-- The person of each member. A connected component of members over links is one person, named by
-- the first of them.
with components as (
    -- sqlfluff doesn't know DuckDB's USING KEY.
    {{ connected_components(ref('int_person_links'), 'position', 'linked_position') }} -- noqa: PRS
)

select
    members.member_id,
    members.member_type,
    members.known_since,
    components.node is null as is_alone,
    coalesce(naming.member_id, members.member_id) as person_id
from {{ ref('int_person_members') }} as members
left join components
    on members.position = components.node
left join {{ ref('int_person_members') }} as naming
    on components.root = naming.position
