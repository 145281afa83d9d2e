"""Commands that show runs: lists, details, comparisons, charts, reports."""
