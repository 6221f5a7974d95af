"""What a text may not say, or must, by country and class: short codes, each with its meaning and source.

The rows of `CHECKS` are the table; `violations` walks them in order. Words are samples handed in as data (`Terms`),
not a censor's list. A check says what is to be mended; what is done about it is policy. Not legal advice.
Sources: DOMAIN 5 and the rows; read on 2026-11-22.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.domain.classes import MessageClass
from pipeline.domain.content.classification import UNSUBSCRIBE, Looks, has_unsubscribe, looks
from pipeline.domain.content.folding import fold
from pipeline.domain.content.other_numbers import LINK
from pipeline.domain.content.signatures import Position, Signed, read_signature

CN_LONGEST: Final = 500  # characters, with the signature

Terms = Mapping[str, tuple[str, ...]]
"""Words by the code of the check that they break."""

SAMPLE_TERMS: Final[Terms] = {
    "gambling-term": ("赌博", "博彩", "赌场", "百家乐", "六合彩", "下注", "时时彩"),
    "finance-term": ("贷款", "网贷", "低息", "配资", "荐股", "理财产品", "信用卡套现"),
    "political-term": (),
}
"""Small, dated samples (2026-11): kinds that providers name in their template rules; a deployment hands in its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A text taken apart once, for all checks."""

    text: str
    folded: str
    signed: Signed
    looks: Looks
    terms: Terms
    filed_hosts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row: broken where `is_broken`, for these countries (() is all) and classes (() is all)."""

    code: str
    meaning: str
    countries: tuple[str, ...]
    classes: tuple[MessageClass, ...]
    source: str
    is_broken: Callable[[Question], bool]

    def applies(self, country: str, message_class: MessageClass) -> bool:
        """Whether this row is about a text of that class to that country."""
        return (not self.countries or country in self.countries) and (not self.classes or message_class in self.classes)


_OTP, _MARKETING = (MessageClass.OTP,), (MessageClass.MARKETING,)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CN_KEYWORD = re.compile("验证码|注册码|校验码|动态码|驗證碼|註冊碼|校驗碼|動態碼")
_CN_UNSUBSCRIBE = re.compile("退订|拒收|退訂")
_KR_LABEL = re.compile(r"\s*\(광고\)")
_KR_NUMBER = re.compile(r"(?:\W*\d){8,12}\W*")
_VN_LABEL = re.compile(r"\s*\[(?:QC|AD)\]", re.IGNORECASE)
_BRACKETS = re.compile("【([^【】]*)】")
_LINK = re.compile(LINK)
_HOST = re.compile(r"(?:https?://)?([a-z0-9.-]+)")
_OPT_OUT_WORDS: Final = frozenset("退订訂拒收请回复至到发送短信或")
_LAST: Final = 30  # characters that may follow the beginning of the opt-out text, if it is the last that is said


def violations(
    text: str,
    message_class: MessageClass,
    country: str = "",
    *,
    terms: Terms = SAMPLE_TERMS,
    filed_hosts: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Codes of what is wrong with a text of this class for this country, in the order of CHECKS; () if nothing is.

    `country` is ISO 3166 alpha-2 in any case, '' unknown: then only what holds everywhere is looked at. `filed_hosts`
    are hosts, in lower case, that a link may name where links must be filed; a filed host's subdomains are not filed.
    """
    question = Question(
        text=text,
        folded=fold(text).text,
        signed=read_signature(text),
        looks=looks(text),
        terms=terms,
        filed_hosts=filed_hosts,
    )
    here = country.strip().upper()
    return tuple(each.code for each in CHECKS if each.applies(here, message_class) and each.is_broken(question))


def _is_unsigned(question: Question) -> bool:
    return question.signed.position is Position.NONE and not _has_name_in_brackets(question.text)


def _is_signed_inside(question: Question) -> bool:
    return question.signed.position is Position.NONE and _has_name_in_brackets(question.text)


def _has_name_in_brackets(text: str) -> bool:
    return any(found[1].strip() and not found[1].strip().isdigit() for found in _BRACKETS.finditer(text))


def _has_brackets(question: Question) -> bool:
    return question.signed.has_brackets_in_body and not _is_signed_inside(question)


def _cn_unsubscribe_is_not_last(question: Question) -> bool:
    found = list(_CN_UNSUBSCRIBE.finditer(question.signed.body))
    return bool(found) and not _is_last(question.signed.body[found[-1].start() :])


def _unsubscribe_is_not_last(question: Question) -> bool:
    found = list(UNSUBSCRIBE.finditer(question.folded))
    return bool(found) and len(question.folded) - found[-1].start() > _LAST * 2


def _kr_is_not_last(question: Question) -> bool:
    found = list(re.finditer("무료 ?(?:수신)? ?거부", question.text))
    return bool(found) and _KR_NUMBER.fullmatch(question.text, found[-1].end()) is None


def _is_last(said: str) -> bool:
    """Whether nothing but the letter, the number and the words of an opt-out follow."""
    return len(said) <= _LAST and all(not each.isalpha() or each.isascii() or each in _OPT_OUT_WORDS for each in said)


def _has_unfiled_link(question: Question) -> bool:
    return any(
        (host := _HOST.match(found[0])) is None or host[1] not in question.filed_hosts
        for found in _LINK.finditer(question.folded)
    )


def _names(code: str) -> Callable[[Question], bool]:
    return lambda question: any(fold(each).text in question.folded for each in question.terms.get(code, ()))


_ADS_WITH_OPT_OUT = "DOMAIN 5 (* marketing); 47 CFR 64.1200(a)(10); CNIL SMS marketing; Decree 91/2020 art. 16"
_CN_PROVIDERS = "DOMAIN 5 (CN); Tencent Cloud 382/39023; Huawei Cloud MSGSMS template rules"
_KR_LAW = "DOMAIN 5 (KR marketing); Network Act art. 50(4); phps.kr FAQ 35210"

CHECKS: Final[tuple[Check, ...]] = (
    Check(
        code="text-empty", meaning="nothing but blanks and invisible characters", countries=(), classes=(),
        source="no text, no message", is_broken=lambda each: not each.folded.strip(),
    ),
    Check(
        code="control-character", meaning="a control character other than TAB, LF, CR", countries=(), classes=(),
        source="DOMAIN 1.3", is_broken=lambda each: _CONTROL.search(each.text) is not None,
    ),
    Check(
        code="too-long", meaning=f"more than {CN_LONGEST} characters", countries=("CN",), classes=(),
        source="DOMAIN 1.10; Huawei Cloud MSGSMS: 500 characters", is_broken=lambda each: len(each.text) > CN_LONGEST,
    ),
    Check(
        code="signature-missing", meaning="no 【name】 at all", countries=("CN",), classes=(), source=_CN_PROVIDERS,
        is_broken=_is_unsigned,
    ),
    Check(
        code="signature-not-at-edge", meaning="【name】 neither first nor last", countries=("CN",), classes=(),
        source=_CN_PROVIDERS, is_broken=_is_signed_inside,
    ),
    Check(
        code="brackets-in-body", meaning="【 or 】 besides those of the signature", countries=("CN",), classes=(),
        source=_CN_PROVIDERS, is_broken=_has_brackets,
    ),
    Check(
        code="otp-keyword-missing", meaning="none of 验证码, 注册码, 校验码, 动态码", countries=("CN",), classes=_OTP,
        source=_CN_PROVIDERS, is_broken=lambda each: _CN_KEYWORD.search(each.text) is None,
    ),
    Check(
        code="otp-has-marketing", meaning="advertising in a one-time code", countries=(), classes=_OTP,
        source="DOMAIN 5 (CN otp)", is_broken=lambda each: each.looks.has_advertising,
    ),
    Check(
        code="otp-has-unsubscribe", meaning="an opt-out text in a one-time code", countries=("CN",), classes=_OTP,
        source=_CN_PROVIDERS, is_broken=lambda each: _CN_UNSUBSCRIBE.search(each.text) is not None,
    ),
    Check(
        code="otp-in-marketing", meaning="a one-time code in advertising: it would travel late and in quiet hours",
        countries=(), classes=_MARKETING, source="DOMAIN 5 (CN: a separate port); lanes",
        is_broken=lambda each: each.looks.has_code,
    ),
    Check(
        code="ad-label-missing", meaning="does not begin with (광고)", countries=("KR",), classes=_MARKETING,
        source=_KR_LAW, is_broken=lambda each: _KR_LABEL.match(each.text) is None,
    ),
    Check(
        code="ad-label-missing", meaning="does not begin with [QC] or [AD]", countries=("VN",), classes=_MARKETING,
        source="DOMAIN 5 (VN marketing); Decree 91/2020 art. 15",
        is_broken=lambda each: _VN_LABEL.match(each.text) is None,
    ),
    Check(
        code="unsubscribe-missing", meaning="does not say how to receive no more", countries=(), classes=_MARKETING,
        source=_ADS_WITH_OPT_OUT, is_broken=lambda each: not has_unsubscribe(each.text),
    ),
    Check(
        code="unsubscribe-not-last", meaning="something follows 拒收请回复R, 回T退订 or their like", countries=("CN",),
        classes=_MARKETING, source=_CN_PROVIDERS, is_broken=_cn_unsubscribe_is_not_last,
    ),
    Check(
        code="unsubscribe-not-last", meaning="무료수신거부 and its number are not last", countries=("KR",),
        classes=_MARKETING, source=_KR_LAW, is_broken=_kr_is_not_last,
    ),
    Check(
        code="unsubscribe-not-last", meaning="the opt-out text is not at the end", countries=("VN",),
        classes=_MARKETING, source="Decree 91/2020 art. 16", is_broken=_unsubscribe_is_not_last,
    ),
    Check(
        code="url-unfiled", meaning="a link whose host was not filed", countries=("CN",), classes=(),
        source=_CN_PROVIDERS, is_broken=_has_unfiled_link,
    ),
    Check(
        code="url-unfiled", meaning="a link whose host is not on the allow-list", countries=("IN", "SA"),
        classes=_MARKETING, source="DOMAIN 5 (IN, SA marketing)", is_broken=_has_unfiled_link,
    ),
    Check(
        code="gambling-term", meaning="a word of gambling", countries=("CN",), classes=(), source=_CN_PROVIDERS,
        is_broken=_names("gambling-term"),
    ),
    Check(
        code="finance-term", meaning="a word of selling loans or investments", countries=("CN",), classes=_MARKETING,
        source=_CN_PROVIDERS, is_broken=_names("finance-term"),
    ),
    Check(
        code="political-term", meaning="a word that the deployment handed in; there is no list here", countries=("CN",),
        classes=(), source=_CN_PROVIDERS, is_broken=_names("political-term"),
    ),
)  # fmt: skip
"""Every check, in the order in which violations are told. A code may have several rows, for several countries."""
