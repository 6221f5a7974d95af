"""A Schema Registry endpoint over the `schemas/` folder, as standard Confluent serializers expect it.

The folder is the truth: ids and versions are the reviewed ones of `schemas/ids.yaml`. A serializer that
registers an equal schema is given its stable id; a different one is refused, with the difference named.
Production uses a Confluent-compatible registry instead.
"""
