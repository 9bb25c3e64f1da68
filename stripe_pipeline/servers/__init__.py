"""What is served to a browser: Dagster's web UI and the dbt docs, and who may ask for it."""
