"""Submitting from the command line: rows of a file or one message, as any producer would write them."""
