"""A text as a person may see it: codes, passwords and secrets in links as asterisks, as long as they were.

For whoever reads a text that is not theirs; in doubt more is masked. A text without any of them is unchanged, and
masking twice changes nothing. Sources: DOMAIN 9.4, 9.7.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from pipeline.domain.content.codes import read_codes
from pipeline.domain.content.folding import fold
from pipeline.domain.content.other_numbers import LINK

MASK: Final = "*"
_LINKS = re.compile(LINK)
_SECRET_WORD = (
    r"(?:pass(?:word|code|phrase|wd)?|pwd|pin|contrasena|senha|mot de passe|passwort|kennwort|haslo|parola|"
    r"sifre\w{0,5}|парол\w{1,2}|" + fold("密码|密碼|口令|パスワード|비밀번호").text + ")"
)
_PASSWORD = re.compile(
    rf"{_SECRET_WORD}(?: ?[:=] ?|(?P<loose> (?:is|es|est|ist) |是|为|為))[\"']?(?P<secret>[!-~]{{3,64}})"
)
_OUTER = ".,;!?\"')"
_PATH = re.compile(r"(?<![/:])/|[?]")
_VALUE = re.compile(r"(?<![a-z0-9_.-])(?P<name>[a-z0-9_.-]*)=(?P<secret>[^&#]+)")
_SECRET_NAME = re.compile(r"tok|code|otp|pin|pass|pwd|key|sig|auth|secret|session|sid|hash|jwt|^[tks]$")
_TAIL = re.compile(r"(?<=/)[a-z0-9_~.%-]{12,}(?=[/?#]|\Z)")
_FRAGMENT = re.compile(r"#(?P<secret>[a-z0-9_~.%=&-]{6,})")
_SECRET_PARAMETER = re.compile(r"code|otp|pin|pass|pwd|token|secret|verif|captcha|tan$|key")
_PASSES: Final = 8  # a text that is not done after so many was made to be hard: it is masked whole
_BLANK_WITHIN = re.compile(r"(?<=[^ -])[ -](?=[^ -])")
_ENOUGH: Final = 6  # characters of a value that may be a secret whatever its name
_OCTETS = re.compile(rb"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])[0-9A-Za-z]{4,10}(?![0-9A-Za-z])|[0-9](?:[ -]?[0-9]){3,}")
_WIDE_OCTETS = re.compile(rb"(?:\x00[0-9]){4,}|(?:[0-9]\x00){4,}")


def redact(text: str) -> str:
    """The text with every code, password and secret of a link as asterisks, one for each character."""
    for _ in range(_PASSES):  # what is masked may uncover more
        spans = {each for each in _secrets(text) if set(text[slice(*each)]) - {MASK}}
        if not spans:
            return text
        text = _masked(text, spans)
    return MASK * len(text)


def redact_params(params: Mapping[str, str]) -> dict[str, str]:
    """Parameters of a template: those whose name tells of a code all asterisks, the others redacted as texts."""
    return {
        name: MASK * len(value) if _SECRET_PARAMETER.search(name.lower()) or _is_bare_code(value) else redact(value)
        for name, value in params.items()
    }


def redact_octets(octets: bytes) -> bytes:
    """Octets of a record that nobody could read, for a person: what may be a code in ASCII or UTF-16 as asterisks."""
    plain = _OCTETS.sub(lambda found: b"*" * len(found[0]), octets)
    return _WIDE_OCTETS.sub(lambda found: re.sub(rb"[0-9]", b"*", found[0]), plain)


def _is_bare_code(value: str) -> bool:
    """Whether a parameter is nothing but what a code could be."""
    return re.fullmatch(r"[a-z]{0,3}-?[\d -]{4,10}", fold(value).text.strip()) is not None


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept = list(text)
    for start, end in spans:
        kept[start:end] = MASK * (end - start)
    return "".join(kept)


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    folded = fold(text)
    codes = read_codes(text).codes
    for each in codes:
        yield each.start, each.end
    repeated = _repetitions(folded.text, {fold(each.digits).text for each in codes})
    for start, end in (*repeated, *_passwords(folded.text), *_link_secrets(folded.text)):
        if start < end:
            yield folded.span(start, end)


def _repetitions(folded: str, codes: Collection[str]) -> Iterator[tuple[int, int]]:
    """Wherever one of the codes stands, in whatever; a blank or hyphen may stand between its characters."""
    wanted = {_BLANK_WITHIN.sub("", each) for each in codes} - {""}
    if not wanted:
        return
    left_out = {found.start() for found in _BLANK_WITHIN.finditer(folded)}
    places = [at for at in range(len(folded)) if at not in left_out]
    dense = "".join(folded[at] for at in places)
    for length in {len(each) for each in wanted}:
        for at in range(len(dense) - length + 1):
            if dense[at : at + length] in wanted:
                yield places[at], places[at + length - 1] + 1


def _passwords(folded: str) -> Iterator[tuple[int, int]]:
    for found in _PASSWORD.finditer(folded):
        start, end = found.span("secret")
        end = start + len(found["secret"].rstrip(_OUTER))
        if found["loose"] is None or any(map(str.isdigit, folded[start:end])):  # 'password is required'
            yield start, end


def _link_secrets(folded: str) -> Iterator[tuple[int, int]]:
    for link in _LINKS.finditer(folded):
        slash = _PATH.search(folded, link.start(), link.end())
        path = slash.start() if slash else link.end()
        for found in _VALUE.finditer(folded, path, link.end()):
            value = found["secret"]
            if _SECRET_NAME.search(found["name"]) or (len(value) >= _ENOUGH and any(map(str.isdigit, value))):
                yield found.span("secret")
        for found in _TAIL.finditer(folded, path, link.end()):
            if sum(map(str.isdigit, found[0])) >= 2:
                yield found.span()
        for found in _FRAGMENT.finditer(folded, link.start(), link.end()):
            if any(map(str.isdigit, found[0])):
                yield found.span("secret")
