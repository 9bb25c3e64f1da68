"""Look at one campaign closely before it is sent: who gets it, and how it looks."""
