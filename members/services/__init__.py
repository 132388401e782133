"""Writes of members: people, posts, events; accounts and mandates."""
