"""The report of a batch: its facts, charts, page and Markdown. ``tasks`` and ``cli`` call it."""
