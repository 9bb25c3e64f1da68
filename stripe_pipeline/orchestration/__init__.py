"""What Dagster's definitions are made of: runs, dbt's models as assets, what pages show."""
