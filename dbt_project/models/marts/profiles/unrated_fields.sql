select * from {{ ref('int_unrated_fields') }}
