"""Is all well? Facts about processes, lag, binds, rules, errors and disk; a verdict on them; a page that tells it."""
