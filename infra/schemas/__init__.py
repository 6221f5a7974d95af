"""Schemas that may evolve: whether the versions of a record fit each other, and how a real registry gets them."""
