"""SMPP 3.4 as a client: codec, session, binds kept up, what is sent and what comes back. No Kafka in here."""
