"""Reading it: what became of a message, what stands in a topic, what nobody could read."""
