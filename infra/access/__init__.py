"""Who may do what on Kafka: principals, ACLs and quotas, and the file by which a client says who it is."""
