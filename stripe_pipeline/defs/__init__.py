"""Dagster definitions: what there is to run. How each thing is done is in the other packages."""
