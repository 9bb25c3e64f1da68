"""The Stripe API client: catalog of resources, requests and paged lists. Knows no lake."""
