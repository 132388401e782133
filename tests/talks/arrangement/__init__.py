"""一键排谈: a whole meeting laid into free slots."""
