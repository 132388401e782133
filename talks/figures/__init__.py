"""What the tables say, as plain values."""
