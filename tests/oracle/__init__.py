"""A second calculation of the marts in plain Python, to hold the SQL against.

It follows the published definitions of each number and shares no code with the product: only the
Parquet batches of the lake are read, as anyone could read them. Amounts are ints and Fractions.
"""
