"""Ask Stripe: the catalog of resources, single requests, and whole lists. Knows no lake."""
