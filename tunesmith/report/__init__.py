"""What there is to say of a batch: facts, charts, a page. ``tasks`` and ``cli`` call it."""
