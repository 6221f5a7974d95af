"""What countries allow: kinds of senders and marketing hours, as data. Not legal advice.

Each row names its source. Where sources disagree the strictest holds, unless DOMAIN 5 settles it. Agents do not enforce
this table; what is asked before sending (inspect, preflight) warns by it. Public holidays are not known here.
Source: DOMAIN 5, taken over on `AS_OF` without reading the pages again that it names; (kn) is general knowledge. Wider
than DOMAIN 5, which speaks of marketing: BR, CA and KR refuse names for every class, TR and VN want them registered.
"""

import re
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import phonenumbers

from pipeline.domain.classes import MessageClass
from pipeline.domain.senders import SenderKind
from pipeline.domain.windows import Window, window_of

ANY: Final = "*"
AS_OF: Final = date(2026, 11, 22)
COUNTRIES: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)

_ALL: Final = frozenset(MessageClass)
_MARKETING: Final = frozenset({MessageClass.MARKETING})
_OTHERS: Final = _ALL - _MARKETING
_NAME, _SHORT, _LONG = SenderKind.ALPHANUMERIC, SenderKind.SHORT_CODE, SenderKind.LONG_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRule:
    """Senders of one country for some classes; whom no pattern of its kind fits is refused.

    `patterns`: for each allowed kind a regular expression that the whole sender must match, as it is written.
    `needs` is the reason where a sender does not; '' where only kinds are limited. `registered`: kinds that somebody
    must know first.
    """

    country: str
    classes: frozenset[MessageClass]
    patterns: tuple[tuple[SenderKind, str], ...]
    needs: str = ""
    registered: frozenset[SenderKind] = frozenset()
    source: str
    as_of: date = AS_OF


_ANYTHING = r"(?s:.+)"
_ALL_KINDS = tuple((kind, _ANYTHING) for kind in SenderKind)
_NUMBERS = ((_SHORT, _ANYTHING), (_LONG, _ANYTHING))


def _rule(
    country: str,
    classes: frozenset[MessageClass],
    patterns: tuple[tuple[SenderKind, str], ...],
    source: str,
    *,
    needs: str = "",
    registered: tuple[SenderKind, ...] = (),
) -> SenderRule:
    return SenderRule(
        country=country,
        classes=classes,
        patterns=patterns,
        needs=needs,
        registered=frozenset(registered),
        source=source,
    )


SENDER_RULES: Final = (
    _rule("CN", _ALL, ((_SHORT, r"106[0-9]{1,17}"),), "cloud.tencent.com/document/product/382/39023",
          needs="needs-106-port"),
    _rule("US", _ALL, _NUMBERS, "developers.telnyx.com 10dlc-rate-limits (TCR)", registered=(_SHORT, _LONG)),
    _rule("CA", _ALL, _NUMBERS, "docs.aws.amazon.com nx-rcs-launch-ca-french"),
    _rule("IN", _MARKETING, ((_SHORT, r"[0-9]{6}"),), "docs.webengage.com", needs="needs-6-digit-header",
          registered=(_SHORT,)),
    _rule("IN", _OTHERS, ((_NAME, r"[A-Za-z]{6}"),), "telerivet.com India", needs="needs-6-letter-header",
          registered=(_NAME,)),
    _rule("SG", _ALL, _ALL_KINDS, "cms-lawnow.com; imda.gov.sg (SSIR)", registered=(_NAME,)),
    _rule("AE", _MARKETING, ((_NAME, r"AD-.+"),), "help.nexmo.com 204017363", needs="needs-ad-prefix",
          registered=(_NAME,)),
    _rule("AE", _OTHERS, _ALL_KINDS, "telerivet.com UAE", registered=(_NAME,)),
    _rule("SA", _MARKETING, ((_NAME, r".+-AD"),), "support.vonage 204017033", needs="needs-ad-suffix",
          registered=(_NAME,)),
    _rule("SA", _OTHERS, _ALL_KINDS, "support.vonage 204017033 (CST)", registered=(_NAME,)),
    _rule("FR", _MARKETING, ((_SHORT, r"36[0-9]{3}"), (_NAME, _ANYTHING)), "support.callr.com 115000858183",
          needs="needs-36xxx-code"),
    _rule("FR", _OTHERS, _ALL_KINDS, "per carrier; product default"),
    _rule("BR", _MARKETING, ((_SHORT, _ANYTHING),), "help.salesforce um_channel_sms_brazil"),
    _rule("BR", _OTHERS, _NUMBERS, "help.salesforce um_channel_sms_brazil"),
    _rule("TR", _MARKETING, ((_NAME, _ANYTHING),), "api.support.vonage.com 204017543", registered=(_NAME,)),
    _rule("TR", _OTHERS, _ALL_KINDS, "api.support.vonage.com 204017543", registered=(_NAME,)),
    _rule("KR", _ALL, _NUMBERS, "phps.kr FAQ 35210", registered=(_SHORT, _LONG)),
    _rule("AU", _ALL, _ALL_KINDS, "acma.gov.au/sms-sender-id-register", registered=(_NAME,)),
    _rule("IE", _ALL, _ALL_KINDS, "mobileecosystemforum.com (ComReg)", registered=(_NAME,)),
    _rule("VN", _MARKETING, ((_NAME, _ANYTHING),), "DOMAIN 5", registered=(_NAME,)),
    _rule("VN", _OTHERS, _ALL_KINDS, "DOMAIN 5", registered=(_NAME,)),
    _rule(ANY, _ALL, _ALL_KINDS, "per carrier; product default"),
)  # fmt: skip
"""The rows of a country cover each class once; '*' is for all countries without a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderVerdict:
    """Whether a country takes a sender. `reason` is a stable code, '' if there is nothing to say."""

    is_allowed: bool
    reason: str = ""


def judge_sender(sender: str, kind: SenderKind, country: str, message_class: MessageClass | None) -> SenderVerdict:
    """Whether a country takes this sender for a class; for no class in particular: whether it does for any.

    Refused with '<kind>-not-allowed' ('alphanumeric', 'short-code', 'long-code') or with what the country needs.
    Allowed with 'registration-needed' where somebody must know it first.
    """
    verdicts = [_judge(sender, kind, rule) for rule in _rules(country, message_class)]
    return max(verdicts, key=lambda verdict: (verdict.is_allowed, not verdict.reason))


def _rules(country: str, message_class: MessageClass | None) -> list[SenderRule]:
    own = [rule for rule in SENDER_RULES if rule.country == country]
    rules = own or [rule for rule in SENDER_RULES if rule.country == ANY]
    return [rule for rule in rules if message_class is None or message_class in rule.classes]


def _judge(sender: str, kind: SenderKind, rule: SenderRule) -> SenderVerdict:
    pattern = dict(rule.patterns).get(kind)
    if pattern is not None and re.fullmatch(pattern, sender):
        return SenderVerdict(is_allowed=True, reason="registration-needed" if kind in rule.registered else "")
    is_of_kind = pattern is not None or len(rule.patterns) == 1
    reason = rule.needs if rule.needs and is_of_kind else f"{kind.replace('_', '-')}-not-allowed"
    return SenderVerdict(is_allowed=False, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingHours:
    """When marketing may be sent in a place, by the recipient's clock; any of the windows."""

    windows: tuple[Window, ...]
    source: str
    has_conflict: bool = False
    """Sources disagree; the windows are what all of them, or DOMAIN 5, allow."""
    as_of: date = AS_OF


_WEEKDAYS, _SATURDAY, _SUNDAY = range(1, 6), (6,), (7,)


def _daily(start: str, end: str, source: str, *, has_conflict: bool = False) -> MarketingHours:
    return MarketingHours(windows=(window_of(start, end),), source=source, has_conflict=has_conflict)


MARKETING_HOURS: Final = MappingProxyType(
    {
        "CN": _daily("08:00", "21:00", "Huawei MSGSMS 08-22, Huawei IoTCom 08-21", has_conflict=True),
        "US": _daily("08:00", "21:00", "47 CFR 64.1200(c)(1)"),
        "CA": MarketingHours(
            windows=(window_of("09:00", "21:30", _WEEKDAYS), window_of("10:00", "18:00", (6, 7))),
            source="CRTC telemarketing rule (kn)",
        ),
        "IN": _daily("10:00", "21:00", "docs.webengage.com"),
        "AE": _daily("08:00", "21:00", "Vonage 07-21, ClickSend 08-21", has_conflict=True),
        "SA": _daily("08:00", "19:00", "Vonage 08-22, Wavecell 07-22, ClickSend 06-19", has_conflict=True),
        "FR": MarketingHours(
            windows=(window_of("08:00", "20:00", _WEEKDAYS), window_of("10:00", "18:00", _SATURDAY)),
            source="support.callr.com 08-22 Mon-Sat, Acoustic 08-20, Sat 10-18; no holidays",
            has_conflict=True,
        ),
        "BR": MarketingHours(
            windows=(window_of("09:00", "18:00", _WEEKDAYS), window_of("09:00", "13:00", _SATURDAY)),
            source="Salesforce, ClickSend 08-18, Sat 09-13; s.dm 09-22; no holidays",
            has_conflict=True,
        ),
        "TR": _daily("08:00", "21:00", "api.support.vonage.com 204017543"),
        "KR": _daily("08:00", "21:00", "phps.kr FAQ 35210; at night with consent of its own"),
        "AU": MarketingHours(windows=(window_of("09:00", "20:00", _WEEKDAYS),), source="(kn)"),
        "VN": _daily("07:00", "22:00", "Decree 91/2020 (kn)"),
        ANY: _daily("09:00", "20:00", "product default"),
    }
)
"""By country; '*' for all others."""

_EIGHT_TO_EIGHT = _daily("08:00", "20:00", "support.referrizer.com")
US_STATE_HOURS: Final = MappingProxyType(
    {
        **dict.fromkeys(("FL", "OK", "MD", "MS", "NJ"), _EIGHT_TO_EIGHT),
        "CT": _daily("09:00", "20:00", "support.referrizer.com"),
        "TX": MarketingHours(
            windows=(window_of("09:00", "21:00", range(1, 7)), window_of("12:00", "21:00", _SUNDAY)),
            source="support.referrizer.com",
        ),
    }
)
"""States of the US that are stricter than the federal rule."""


def marketing_hours(country: str, us_state: str | None = None) -> MarketingHours:
    """When marketing may be sent there. An area code is no location: give a state only if somebody knows it."""
    if country == "US" and us_state is not None and us_state in US_STATE_HOURS:
        return US_STATE_HOURS[us_state]
    return MARKETING_HOURS.get(country, MARKETING_HOURS[ANY])


def sending_hours(country: str, message_class: MessageClass, us_state: str | None = None) -> MarketingHours | None:
    """The hours that bind this class; None for all but marketing, which go at any time (DOMAIN 5)."""
    return marketing_hours(country, us_state) if message_class is MessageClass.MARKETING else None
