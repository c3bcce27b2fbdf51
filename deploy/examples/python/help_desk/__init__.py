"""A small help desk on Kenh."""
