"""Dagster definitions only; the logic that they call is in the other packages."""
