"""Numbers in a text that are no codes: links, phones, dates, times, amounts, orders, last digits of cards.

Data of `codes`, for folded text (`folding.fold`). Sources: DOMAIN 10; RFC 3986 (what a link may hold).
"""

import re
from typing import Final

from pipeline.domain.content.folding import fold

_TLD = (
    "com|net|org|edu|gov|info|biz|app|dev|link|shop|site|online|store|xyz|top|vip|club|live|page|cn|io|me|co|ly|"
    "gl|gg|"
    "cc|tv|ru|ua|de|fr|uk|us|eu|es|it|pt|br|nl|be|ch|at|pl|cz|se|no|dk|fi|tr|ir|il|in|id|vn|th|sg|my|ph|hk|tw|jp|"
    "kr|au"
)
_REST = r"[a-z0-9\-._~:/?#@$&+=%]*"
LINK: Final = (
    rf"(?:https?://|www\.)[a-z0-9\-._~:/?#\[\]@$&'*+=%]+|"
    rf"(?<![a-z0-9.@-])(?:[a-z0-9-]+\.)*(?=[0-9-]*[a-z])[a-z0-9-]+\."
    rf"(?:{_TLD})(?![a-z0-9-])(?:[/?#:]{_REST})?"
)
_MAIL = r"(?<![a-z0-9._+-])[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"

_MONTH = (
    "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|fevr|avr|juin|juil|dez|mai|okt|ene|abr|ago|dic|out|set)"
    "[a-z]{0,7}"
)
_DATE = "|".join(
    (
        r"(?<!\d)(?:19|20)\d\d[-/.年] ?\d{1,2}(?!\d)(?:[-/.月] ?\d{1,2}(?!\d)日?)?",
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)?\d\d(?!\d)",
        r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)",
        r"(?<!\d)(?:19|20)\d\d ?(?:年|년)",
        rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d|"
        rf"\b\d{{1,2}}\.? (?:de )?{_MONTH}\.?,? (?:de )?(?:19|20)\d\d",
        r"(?:©|\(c\)|copyright) ?(?:19|20)\d\d",
    )
)
_PHONE = "|".join(
    (
        r"\+ ?\d[\d ().-]{5,}\d",
        r"\(\d{2,4}\) ?\d{3,4}[- ]?\d{3,4}",
        r"(?<!\d)\d{3,4}[- ]\d{7,8}(?!\d)",
        r"(?<!\d)(?:1[- .])?\d{3}[- .]\d{3}[- .]\d{4}(?!\d)",
        r"(?<!\d)(?:1[- ])?[48]00[- ]\d{3,4}[- ]?\d{3,4}(?!\d)",
        r"(?<!\d)1[3-9]\d[- ]\d{4}[- ]\d{4}(?!\d)",
        r"(?<!\d)1[3-9]\d[*x]{4}\d{4}(?!\d)",
        r"\b(?:call|dial|tel|phone|hotline|helpline|whatsapp|llam\w+|appel\w+|ligue|anrufen|ara\w*|звоните|тел)\b"
        r"(?: ?(?:us|al|para|le|at|on|no|number))*[ .:#]*[\d(][\d ()-]*",
        fold(r"(?:电话|電話|热线|熱線|致电|致電|拨打|撥打|咨询|咨詢|详询|客服|문의|전화|お問い合わせ|연락처)").text
        + r"(?:电话|热线)?[: ]*\d[\d-]*",
    )
)
_AMOUNT = r"\d+(?:,\d{3})*(?:[.,]\d{1,2})?"
_MONEY = "|".join(
    (
        rf"(?:[$€£¥₹₩₽₫฿₺₦₱]|(?<![a-z])(?:usd|eur|gbp|cny|rmb|inr|rs\.?|krw|jpy|brl|sgd|hkd|aud|cad|aed|sar|idr|"
        rf"rp\.?|vnd|"
        rf"myr|rm|php|ngn|kes|zar|mxn)) ?{_AMOUNT}(?!\d)",
        rf"(?<!\d){_AMOUNT} ?(?:[€$£¥₹₩₽₫฿₺円원]|元|块(?!链)|人民币|积分|積分|포인트|(?:usd|eur|euros?|dollars?|"
        rf"rmb|cny|lira|tl|vnd|dong|руб\w*|"
        r"points?|pts|pesos?|reais|yuan)(?![a-z]))",
        r"(?<!\d)\d+(?:[.,]\d+)? ?(?:%|gb(?![a-z])|mb(?![a-z]))",
    )
)
_DECIMAL = (
    r"(?<![\d.])\d{1,3}(?:[.,]\d{3})+(?!\d)(?:[.,]\d\d)?|(?<![\d.])\d+\.\d\d(?! ?\d| ?(?:分|min|minut|시|초|sec))"
)
_CARD = (
    fold(r"(?:尾号|尾數|尾号为|末四位|后四位|後四位|末尾|끝자리|下4桁)").text + r"(?:是|为|為)?[ :*\[(]*\d{3,5}|"
    r"(?<![a-z])(?:ending(?: in| with)?|ends (?:in|with)|last (?:4|four)(?: digits)?(?: of \w+)?|"
    r"terminad[ao] (?:en|em|in)|"
    r"(?:se )?terminant par|endet auf|оканчив\w+ на|sonu)[ :*x#]*\d{3,5}|"
    r"(?<![*•·x])(?:(?<![\da-z])\d{4,6})?[*•·x]{2,}[ -]?\d{3,5}(?!\d)"
)
_ORDER = "|".join(
    (
        r"(?<![a-z])(?:orders?|room|invoice|booking|ref(?:erence)?|flight|tracking|parcel|case|pedido|commande|"
        r"bestellung|siparis|"
        r"заказ\w*|pnr|a/c|acct|esn)(?: ?(?:no|nr|num|number|id|numero|n°|№))*[ .:#]*[a-z]{0,3}-?\d{3,}",
        r"(?<![a-z])(?:account|card|customer|member|user|ticket|room|conta|cuenta|compte)(?: ?(?:no|nr|number|id|"
        r"#))+[ .:#]*\d{3,}",
        fold(
            r"(?:订单|訂單|单号|單號|编号|編號|航班|车次|車次|工号|房间|会员号|账号|帐号|運單|运单|주문|송장|注文)"
        ).text
        + r"(?:号|号码|编号|번호|番号)?(?:是|为)?[ :#]*[a-z]{0,3}\d{3,}",
        r"(?<![a-z])(?:reply|text|send|txt|sms) [\"']?[a-z]+[\"']? to [\"']?\d{3,8}(?!\d)",
        fold(r"(?:发送|發送|编辑|回复|回復)").text + r"[a-z0-9一-鿿]{0,8}?(?:到|至)\d{3,}",
    )
)

NOT_CODES: Final = re.compile("|".join((LINK, _MAIL, _PHONE, _DATE, _CARD, _ORDER, _MONEY, _DECIMAL)))
"""Any of them, leftmost first."""
