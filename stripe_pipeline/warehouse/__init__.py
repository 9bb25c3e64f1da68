"""The DuckDB warehouse: filled by dbt, published as Parquet files, which readers use."""
