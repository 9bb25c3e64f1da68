"""Segments and campaigns as Dagster components."""
