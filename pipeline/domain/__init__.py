"""Pure facts of SMS: numbers, alphabets, parts, receipts, states, money, buckets.

Nothing here reads a clock, a file, a socket, a setting or a source of chance; every function gives the same
answer for the same arguments for ever, which is what makes a replay exact. Everything above may import it.
"""
