"""Bring a resource up to date without reading it all: events, what is new, sweeps."""
