"""What an SMSC says: statuses, receipts, their ids and dates. Octets are the connectors' business. DOMAIN 2, 3."""
