"""What can go wrong before a node is ready; every message ends with what to do about it."""

from __future__ import annotations

from pipeline.errors import ForTheUser


class EmbeddedError(ForTheUser, RuntimeError):
    """The embedded Kafka cannot run here as things are; the message names the remedy."""


class JavaMissing(EmbeddedError):
    """No Java 17 or newer was found."""


class LockInvalid(EmbeddedError):
    """The list of jars cannot be read."""


class JarsUnavailable(EmbeddedError):
    """The jars are not in the cache and could not be downloaded."""


class KafkaFailed(EmbeddedError):
    """The node did not become ready, or died."""


class KafkaBusy(EmbeddedError):
    """Another living process runs a node on this directory."""
