"""Shapes of what is typed about talks."""
