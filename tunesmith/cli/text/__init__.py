"""Text for terminals: columns, tables, charts, and what a script printed."""
