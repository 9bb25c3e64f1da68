{#
    The connected components of a graph (CTE body: node, root): each node that has a link, with the
    least node that can be reached from it. `links` is a relation; the whole numbers in its columns
    `node` and `linked_node` are the ends of a link, which holds both ways.
#}
{% macro connected_components(links, node, linked_node) -%}
    {{ return(adapter.dispatch('connected_components')(links, node, linked_node)) }}
{%- endmacro %}

{#
    Each node points to a lesser or equal one, at first to its least neighbour. In each round every
    link lets the pointers of its ends, and those of the nodes that they point to, fall to the least
    that is known there, and every pointer skips to where its target points (FastSV, Zhang, Azad and
    Hu 2020). So a chain of n takes about log n rounds, where handing the least node on from one
    neighbour to the next would take n.
#}
{% macro duckdb__connected_components(links, node, linked_node) %}
    with recursive both_ways as materialized (
        select
            {{ node }} as node,
            {{ linked_node }} as linked_node
        from {{ links }}

        union

        select
            {{ linked_node }} as node,
            {{ node }} as linked_node
        from {{ links }}
    ),

    pointers (node, root) using key (node) as (
        select
            node,
            least(node, min(linked_node)) as root
        from both_ways
        group by node

        union

        select
            lower.node,
            min(lower.root) as root
        from (
            select
                unnest([both_ways.node, own.root]) as node,
                beyond.root
            from both_ways
            inner join recurring.pointers as own on both_ways.node = own.node
            inner join recurring.pointers as other on both_ways.linked_node = other.node
            inner join recurring.pointers as beyond on other.root = beyond.node
            where beyond.root < own.root

            union all

            select
                own.node,
                beyond.root
            from recurring.pointers as own
            inner join recurring.pointers as beyond on own.root = beyond.node
            where beyond.root < own.root
        ) as lower
        inner join recurring.pointers as now on lower.node = now.node
        where lower.root < now.root
        group by lower.node
    )

    select
        node,
        root
    from pointers
{% endmacro %}
