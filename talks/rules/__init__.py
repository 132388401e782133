"""The rule engine (rules.md): pure decisions on plain values."""
