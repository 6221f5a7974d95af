"""From a phone number to the ids that stand for it in keys and tables."""

from pathlib import Path

from pipeline.domain.ids import recipient_id
from pipeline.domain.numbers import InvalidNumber, parse_recipient
from pipeline.errors import ForTheUser
from pipeline.keys import KeyVault


class NumberInvalid(ForTheUser, ValueError):
    """What was given is no number that a message can go to."""


def ids_of(home: Path, number: str, region: str | None = None) -> tuple[str, ...]:
    """Ids of a phone under every generation of the recipient key of this home, the newest first.

    Raises NumberInvalid (without the number), KeyMissing if no key was ever made here.
    """
    try:
        e164 = parse_recipient(number, region).e164
    except InvalidNumber as error:
        raise NumberInvalid(str(error)) from error
    keys = KeyVault(home / "keys", may_create=False).recipient_keys()
    return tuple(recipient_id(key, generation, e164) for generation, key in reversed(keys))
