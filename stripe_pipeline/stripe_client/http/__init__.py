"""One request to Stripe: API key, rate limit, retries, and the exception for its failure."""
