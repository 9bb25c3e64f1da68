"""Exchange rates: the file that has them, the lines it lacks, and the European Central Bank's."""
