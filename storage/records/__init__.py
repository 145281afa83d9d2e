"""What the objects hold: specifications, plans, records, series, edits; compaction."""
