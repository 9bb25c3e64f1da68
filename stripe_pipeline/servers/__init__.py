"""Serve Dagster's web UI and the dbt docs to a browser, guarded against other sites' requests."""
