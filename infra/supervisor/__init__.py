"""`sluice up`: all processes of a home in one terminal, started in order, restarted with patience, stopped in order."""
