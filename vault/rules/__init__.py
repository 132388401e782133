"""Pure parts of the vault: keys, envelopes, the chain of the audit trail. Bytes in, bytes out."""
