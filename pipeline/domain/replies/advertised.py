"""The words by which a message says one may leave it: "拒收请回复R", "回T退订", "Reply STOP to opt out".

Chinese marketing must end so (DOMAIN 5, row CN); the letter differs by operator and template, and is an opt-out for
that message alone. Sources: DOMAIN 5.3; Huawei Cloud MSGSMS FAQ 0110 (R).
"""

import re
import unicodedata
from typing import Final

_WORD = r"[\"'「『“‘【\[(<]{0,2} ?(?P<word>[A-Z]{1,12}|[0-9]{1,6}|退订|退訂)(?![A-Z0-9])[\"'」』”’】\])>]{0,2}"
_LEAVE = (
    r"(?:退订|退訂|退出|拒收|拒绝|拒絕|取消|屏蔽|不再接收|不想接收|不想收到|谢绝|"
    r"UNSUBSCRIBE|OPT-?OUT|OPT OUT|CANCEL|STOP|END|QUIT)"
)
_ANSWER = r"(?:回复|回覆|回復|回信|回|答复|发送|發送|发|發|编辑|REPLY(?: WITH)?|TEXT|SEND|SMS)"
_FILLER = r"(?:即可|可以|可|以便|以|就能|就可|TO BE|TO|FOR|2|进行|短信|[ ,:])"
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_ANSWER}(?:短信|字母|:| ){{0,2}}{_WORD}{_FILLER}{{0,3}}{_LEAVE}",
        rf"{_LEAVE}(?:本|此|该|短信|业务|[,:;、。 ]|请|可|您|直接|就|THEN|PLEASE|TO){{0,4}}"
        rf"{_ANSWER}(?:短信|字母|:| ){{0,2}}{_WORD}",
        rf"(?<![A-Z0-9回复发]){_WORD} ?(?:退订|退訂|拒收)",
        rf"(?:退订|退訂|拒收)[: ]?{_WORD}",
    )
)
_ALONE: Final = re.compile(rf"(?:请|PLEASE )?(?:{_ANSWER}(?:短信|字母|:| ){{0,2}})?{_WORD}")
_LIST: Final = re.compile(
    r"[A-Z0-9]{1,2}(?: [A-Z0-9]{1,2}){1,5}|[A-Z]{1,12}(?: ?(?:[/,、|;]|或|和| OR ) ?[A-Z]{1,12}){1,5}"
)
_LIST_SEPARATOR: Final = re.compile(r" OR |[ /,、|;]|或|和")
_CLEAN: Final = re.compile(r"\s+")
_OUTER: Final = " \"'“”‘’「」『』【】[]()<>.,。,!"


def advertised_words(last_message: str) -> frozenset[str]:
    """The upper-case words that a reply to `last_message` may leave with; empty if it tells of none.

    `last_message` is the message, a part of it that tells how to leave, or only the word or words ("R", "T/TD").
    Full-width letters count. What is to be answered for something else ("回复1领取") does not.
    """
    text = _CLEAN.sub(" ", unicodedata.normalize("NFKC", last_message).upper()).strip(_OUTER)
    alone = _ALONE.fullmatch(text)
    if alone is not None:
        return frozenset({alone["word"]})
    if _LIST.fullmatch(text):
        return frozenset(word for word in _LIST_SEPARATOR.split(text) if word)
    return frozenset(found["word"] for pattern in _PATTERNS for found in pattern.finditer(text))
