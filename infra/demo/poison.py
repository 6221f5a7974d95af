"""Records that nobody can read, each broken in its own way."""

from infra.demo.scenario import Raw
from pipeline.events.codec import Codec
from pipeline.events.records import HealthSnapshot, SubmitMessage


def poison(kind: Raw) -> bytes:
    """The octets of one kind of unreadable submission."""
    codec = Codec()
    sound = codec.encode(SubmitMessage(to="+8613800138000", text="hello", message_class="otp"))
    match kind:
        case "text":
            return b'{"to": "+8613800138000", "text": "this is JSON"}'
        case "unknown-schema":
            return b"\x00\x00\x0f\x42\x3f" + sound[5:]
        case "other-schema":
            return codec.encode(HealthSnapshot(number=1))
        case "cut-off":
            return sound[: len(sound) // 2]
