"""From Kafka to raw tables: taken as they are, held exactly once."""
