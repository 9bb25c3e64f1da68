"""Helpers of the Dagster definitions: runs, dbt's models as assets, metadata for Dagster's UI."""
