"""What pages of members and organisations show; and pages of a list that is too long to be counted."""
