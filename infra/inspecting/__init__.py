"""`sluice inspect KIND`: the facts of the field, asked one JSON line at a time. One module a KIND, in `kinds` by name.

Pure: what a KIND answers is a function of its question (and of the carrier profiles given); `lines` reads and writes.
"""
