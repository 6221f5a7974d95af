"""Which errors are the user's to set right, and in which words they are shown."""

from pipeline.errors import ForTheUser


class UserError(ForTheUser):
    """Something that the user can set right and that nobody needs to tell from other such errors."""


def explained(error: Exception) -> str | None:
    """An error in one line if it is the user's to set right, else None: it is a defect and keeps its traceback."""
    from confluent_kafka import KafkaException

    if isinstance(error, ForTheUser):
        return str(error)
    if isinstance(error, KafkaException) and hasattr(error.args[0], "str"):
        return f"Kafka: {error.args[0].str()}"
    if isinstance(error, OSError) and (error.filename or "taken" in str(error)):
        return str(error)
    return None
