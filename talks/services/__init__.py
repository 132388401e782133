"""Every write in talks that has consequences."""
