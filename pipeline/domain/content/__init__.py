"""What a text is and holds: signature, one-time code, class, what it may not say, what is masked. DOMAIN 5, 9.7, 10."""
