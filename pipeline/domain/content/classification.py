"""What a text is, whatever class its sender gave it: a one-time code, advertising, or neither. With its reasons.

Deterministic, and explained by the words that were found. Sources: DOMAIN 5 (CN otp, marketing), 5.3; the opt-out words
of the countries in DOMAIN 5.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.domain.content.code_words import LETTER
from pipeline.domain.content.codes import OneTime, read_codes
from pipeline.domain.content.folding import fold


class LooksLike(StrEnum):
    """Kinds of texts."""

    OTP = "otp"
    MARKETING = "marketing"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a text looks like. `reasons`: 'code', 'code-word', 'advertising:<word>', 'unsubscribe', in this order."""

    kind: LooksLike
    reasons: tuple[str, ...]
    has_code: bool
    has_advertising: bool
    has_unsubscribe: bool


_ADVERTISING: Final = re.compile(
    r"\d ?% ?(?:off|discount|de descuento|de reduction|indirim|rabatt|скидк\w*)|\d ?% ?할인|-\d\d ?%|"
    rf"(?<![{LETTER}])(?:discounts?|coupons?|promo\w*|special offer|limited[- ]time|flash sale|sale|on sale|"
    rf"buy now|shop now|"
    r"order now|free gift|free shipping|black friday|cyber monday|clearance|best deals?|deals|save up to|cashback|"
    r"giveaway|"
    r"descuentos?|rebajas|ofertas?|promocion\w*|gratis|soldes|reductions?|offre speciale|rabatte?|angebote?|"
    r"gutschein\w*|"
    r"indirim\w*|kampanya\w*|firsat\w*|скидк\w+|акци[яи]|распродаж\w+|sconti?|saldi|desconto\w*|promocao|diskon|"
    r"promosi|"
    rf"khuyen mai|giam gia|uu dai)(?![{LETTER}])|"
    + fold(
        "优惠|折扣|促销|特价|满减|满[0-9]+(?:元)?(?:减|送|返)|立减|秒杀|抢购|大促|抽奖|中奖|"
        "买[一二三0-9]送[一二三0-9]|[1-9](?:\\.[0-9])?折|"
        "限时(?:特|优|抢|免)|新品上市|红包雨|免费领|领券|优惠券|双十一|双11|618(?:大促|购物节|年中|狂欢|活动)|"
        "清仓|钜惠|優惠|折價|特賣|促銷|"
        "(?:광고)|할인|특가|쿠폰|이벤트|무료증정|セール|割引|クーポン|キャンペーン|ลดราคา|โปรโมชั่น|ส่วนลด|خصم|"
        "عرض خاص|تخفيض|تخفیف|छूट|ऑफर"
    ).text
)

UNSUBSCRIBE: Final = re.compile(
    rf"(?<![{LETTER}])(?:unsubscribe|un-?sub|opt[ -]?out|desabonn\w+|abmelden|abbestell\w+|descadastr\w+|afmelden|"
    rf"avregistrer\w*|"
    rf"cancelar suscripcion|dar(?:se)? de baja|baja|sair|pare|arret|iptal|отписа\w+|отказ\w*|disiscri\w+|tu choi|"
    rf"berhenti)(?![{LETTER}])|"
    rf"(?<![{LETTER}])(?:reply|text|send|txt|sms|repondre|envoyez|envoyer|responda|responde|envie|envia|invia|"
    rf"antworten|stuur|"
    rf"rispondi|kirim|balas|soan|gui)[ :]+(?:un sms )?[\"'«]?(?:stop\w*|end|quit|cancel|no|ret|red|dur|off|"
    rf"tc)(?![{LETTER}])|"
    rf"(?<![{LETTER}])stop(?:all)? ?(?:to (?:end|opt|unsub|cancel|stop|quit)|2 ?end|sms|pub|au \d|a \d|al \d|"
    rf"an \d|\d{{5}}|=)|"
    rf"(?<![{LETTER}])(?:ret|red|hayir) (?:yaz\w*|gonder\w*)|7726|"
    rf"(?<![{LETTER}])(?:sms )?ret(?: icin(?![{LETTER}])|:)|almak istem(?:iyor|ez)\w*|"
    rf"(?<![{LETTER}])(?:стоп|no recibir mas|non ricevere piu|ne plus recevoir|nao receber mais)(?![{LETTER}])|"
    + fold(
        "退订|退訂|拒收|取消订阅|回[TNR复]?退|回复? ?(?:TD|[TNR])(?![a-z])|"
        "수신거부|무료거부|配信停止|停止希望|ยกเลิก|إلغاء|لغو|להסרה"
    ).text
)
"""Words, folded, that tell how to receive no more."""
_STOP: Final = re.compile(r"(?<![A-Za-z])STOP(?![A-Za-z])")  # in capitals it is the keyword, else a word


def has_unsubscribe(text: str) -> bool:
    """Whether a text says how to receive no more."""
    return _STOP.search(text) is not None or UNSUBSCRIBE.search(fold(text).text) is not None


def looks(text: str, one_time: OneTime | None = None) -> Looks:
    """What a text looks like; `one_time` is what `read_codes` says of it, if the caller has it already.

    A text with a code is one-time, also where it advertises beside: `has_advertising` says so. 'Reply STOP' alone makes
    no advertising, since US senders write it below codes too.
    """
    said = read_codes(text) if one_time is None else one_time
    advertising = _ADVERTISING.search(fold(text).text)
    stop = has_unsubscribe(text)
    reasons = [
        *(["code"] if said.codes else []),
        *(["code-word"] if said.has_keyword else []),
        *([f"advertising:{advertising[0]}"] if advertising else []),
        *(["unsubscribe"] if stop else []),
    ]
    if said.codes:
        kind = LooksLike.OTP
    elif advertising or (stop and not said.has_keyword):
        kind = LooksLike.MARKETING
    else:
        kind = LooksLike.OTP if said.has_keyword and not advertising else LooksLike.OTHER
    return Looks(
        kind=kind,
        reasons=tuple(reasons),
        has_code=bool(said.codes),
        has_advertising=advertising is not None,
        has_unsubscribe=stop,
    )
