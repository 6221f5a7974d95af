"""Apache Kafka on this machine: its published jars, a Java to run them, one KRaft node.

For laptops, tests and the demo. Production gives an address instead (`SLUICE_BOOTSTRAP`).
"""
