"""Commands that show runs: lists, pages, comparisons, charts, reports."""
