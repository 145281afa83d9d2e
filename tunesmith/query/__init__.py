"""Looking at runs: selection, filters, columns and tables; pure, over rows that are given."""
