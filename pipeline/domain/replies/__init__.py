"""What a phone asks for: keywords, and wishes in free words. Sources: 47 CFR 64.1200(a)(10); DOMAIN 5.3, 5.4."""
