"""Who is in a segment by the published tables, who would be, and why or why not."""
