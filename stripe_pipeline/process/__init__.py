"""This process: which environment variables reach it and its children, and its signals."""
