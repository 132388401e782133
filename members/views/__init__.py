"""Pages of members: people, posts, events; accounts and mandates."""
