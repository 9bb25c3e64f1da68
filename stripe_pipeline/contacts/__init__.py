"""Read people's names, phone numbers and email addresses, as staging's SQL asks for it."""
