"""Names, phone numbers, email addresses, countries and locales, each spelling normalized once.

What no two SQL engines do alike is done here, in Python, before dbt builds: the results are tables
of the lake that staging joins by the text as Stripe has it.
"""
