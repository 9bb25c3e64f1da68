"""Lints of this repository's own that `make check` runs."""
