"""Exchange rates: the file of rates, its missing lines, and the European Central Bank's rates."""
