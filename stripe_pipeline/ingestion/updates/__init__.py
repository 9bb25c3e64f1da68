"""Update a resource incrementally: events, new objects, sweeps."""
