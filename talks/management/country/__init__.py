"""A synthetic country, for measuring: organisations, people and talks of any number, the same for a seed.

All persons are invented, nothing that would be sealed is written, and nothing here reads the clock.
"""
