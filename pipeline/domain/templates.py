"""Templates: texts with named places, filled by exact replacement and nothing more.

`{name}` is a place, `{{` and `}}` are braces. There is no format language, no attribute and no index, so a
template from a customer can reach nothing; a value is never read again for places.
"""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,63})\}|[{}]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class TemplateError(ValueError):
    """The template and the parameters do not fit: reject the message with `code` and `detail`.

    Codes: 'template-syntax', 'template-parameter-missing', 'template-parameter-unused'. No value is in `detail`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def placeholders(template: str) -> frozenset[str]:
    """The names of the template's places. Raises TemplateError('template-syntax') for a brace that is none."""
    names: set[str] = set()
    for token in _TOKEN.finditer(template):
        if token[1] is not None:
            names.add(token[1])
        elif token[0] in ("{", "}"):
            raise TemplateError("template-syntax", f"lone {token[0]!r} at character {token.start()}")
    return frozenset(names)


def render(template: str, params: Mapping[str, str]) -> str:
    """Put each parameter in its places. Raises TemplateError if one is missing or has no place."""
    names = placeholders(template)
    if missing := names - params.keys():
        raise TemplateError("template-parameter-missing", ", ".join(sorted(missing)))
    if unused := params.keys() - names:
        raise TemplateError("template-parameter-unused", ", ".join(sorted(map(_shown, unused))))
    return _TOKEN.sub(lambda token: token[0][0] if token[1] is None else params[token[1]], template)


def _shown(name: str) -> str:
    """A producer's name for an error text: whatever could not be a place is not repeated."""
    return name if _NAME.fullmatch(name) else "(not a name)"
