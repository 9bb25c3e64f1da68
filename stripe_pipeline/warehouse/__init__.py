"""The warehouse: filled by dbt, published as files, and read from those."""
