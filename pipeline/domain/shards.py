"""Spreading a large account over several partitions, so that one partition need not carry all of it."""

import hashlib

from pipeline.domain.rules import Account


def shard_key(account: Account, campaign_id: str, sender: str) -> str:
    """'<account>/<shard>': the Kafka key of a routed record and the name of its rate bucket.

    An account with one shard (the default) has an exact rate; one with more has its rate divided among them.
    """
    if account.shards <= 1:
        return f"{account.id}/0"
    digest = hashlib.sha256((campaign_id or sender).encode()).digest()
    return f"{account.id}/{int.from_bytes(digest[:4], 'big') % account.shards}"
