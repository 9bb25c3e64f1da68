"""One request to Stripe: with which key, how fast, how often, and what its failure is called."""
