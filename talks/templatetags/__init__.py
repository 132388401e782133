"""What templates say in the look's way."""
