"""The store: parts, segments, edits, leases, run directories; the only room that knows Parquet."""
