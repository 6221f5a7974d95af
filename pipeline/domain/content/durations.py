"""How long a code is good: durations in words of many languages. Data and reading, for folded text. Pure.

Sources: DOMAIN 10; CLDR unit names (minute, hour, second, day).
"""

import re
from typing import Final

from pipeline.domain.content.code_words import LETTER
from pipeline.domain.content.folding import fold

_UNITS: Final[tuple[tuple[int, str, str], ...]] = (  # seconds; whole words; anywhere
    (
        60,
        r"m|mins?|minutes?|minuten?|minutos?|minuti|minuut|minut[aeyo]?|minuter|minutt\w*|minute?le|dakika\w*|dk|мин|"
        r"минут\w*|"
        r"хвилин\w*|perc\w*|menit|minit|phut|λεπτ\w+|minuuttia?|min",
        "分钟|分鐘|分間|分(?![一-鿿]|享)|分(?=[内以后後])|분|นาที|دقیقه|دقيقة|دقائق|دقيقه|דקות|דקה|मिनट|মিনিট",
    ),
    (
        3600,
        r"h|hrs?|hours?|heures?|stunden?|horas?|ore|ora|uur|saat\w{0,2}|час\w{0,2}|годин\w*|gio|jam|godzin\w*|"
        r"timmar|timer|"
        r"tuntia?|hodin\w*|ωρ\w{1,2}",
        "小时|小時|时间(?!为)|時間|시간|ชั่วโมง|ساعة|ساعات|ساعت|שעות|שעה|घंटे|ঘন্টা",
    ),
    (
        1,
        r"s|secs?|seconds?|secondes?|sekunden?|segundos?|secondi|saniye\w*|сек|секунд\w*|giay|detik|sekund\w*|"
        r"sekuntia",
        "秒钟|秒鐘|秒|초|วินาที|ثانیه|ثانية|שניות",
    ),
    (900, r"quarters? of an hour", "刻钟|刻鐘"),
    (
        86400,
        r"days?|jours?|tage?n?|dias?|giorni|dag(?:en|ar)?|gun|дн\w{1,2}|день|ngay|hari|dni",
        "天(?!猫)|(?<!月\\d)(?<!月\\d\\d)日(?=内|以内|间|間|有效)|일간|วัน|يوم|روز",
    ),
)
_NUMBERS: Final = {
    "半": 0.5, "half an": 0.5, "half a": 0.5, "an": 1, "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "cinco": 5, "diez": 10, "dez": 10,
    "une": 1, "un": 1, "una": 1, "uma": 1, "ein": 1, "eine": 1, "einer": 1, "bir": 1, "deux": 2, "dos": 2, "dois": 2,
    "duas": 2, "zwei": 2, "iki": 2, "trois": 3, "tres": 3, "drei": 3, "uc": 3, "vingt": 20, "veinte": 20, "vinte": 20,
    "zwanzig": 20, "trente": 30, "treinta": 30, "trinta": 30,
    "cinq": 5, "dix": 10, "quinze": 15, "quince": 15, "funf": 5, "zehn": 10, "funfzehn": 15, "cinque": 5, "dieci": 10,
    "bes": 5, "on": 10, "пяти": 5, "пять": 5, "десяти": 10, "десять": 10, "nam": 5, "muoi": 10, "lima": 5,
    "sepuluh": 10, "یک": 1, "دو": 2, "سه": 3, "پنج": 5, "ده": 10,
}  # fmt: skip
_CHINESE: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_WORDS = "|".join(sorted((each for each in _NUMBERS if each != "半"), key=len, reverse=True))
_UNIT = "|".join(
    f"(?P<u{seconds}>(?:{words})(?![{LETTER}])|{fold(anywhere).text})" for seconds, words, anywhere in _UNITS
)
DURATION: Final = re.compile(
    rf"(?:(?<![a-z\d])(?<!\d\.)(?P<digits>\d{{1,4}}(?:\.\d)?)|(?<=\d\.)(?P<late>\d{{1,3}})|(?P<chinese>半|"
    rf"[一二两兩三四五六七八九十百]{{1,5}})|"
    rf"(?<![{LETTER}])(?P<word>{_WORDS})(?= ))(?: ?\(\w+\) ?)?[ -]?(?:个|個)?(?P<half>半)?(?:{_UNIT})"
)

_GOOD = re.compile(
    "|".join(
        (
            r"valid|expir|within|good for|active for|lasts?\b|only for|effective|available for|usable|timeout|"
            r"time out|in the next",
            r"vali[dt]|vence|caduc|expira|vigen|durante|dentro d|gultig|gueltig|ablauf|lauft|geldig|gecerli|"
            r"действ|истек|срок|"
            r"дійсн|wazn|platn|giltig|gyldig|voimassa|ervenyes|hieu luc|het han|berlaku|sah |scad|valabil|ισχυ|"
            r"в течение",
            fold(
                "有效|失效|过期|過期|时效|時效|到期|使用|输入|輸入|填写|完成|内|內|유효|만료|이내|안에|有効|期限|"
                "以内|หมดอายุ|ภายใน|ใช้ได้"
            ).text,
            fold("صالح|صلاحية|تنتهي|خلال|معتبر|اعتبار|בתוקף|תקף|मान्य|वैध|মেয়াদ").text,
        )
    )
)
_BAD_BEFORE = re.compile(
    r"(?:have|teng\w+|tenha\w*|wait|again in|retry in|last|past|every|after|available|open|"
    + "等待|等|每|客服|近|过去) *$"
)
_BAD_AFTER = re.compile(
    r" *(?:ago|later|before (?:re|try|ask)|hotline|support|service|a day|delivery)|"
    r"前(?!有效|输入|使用|完成)|(?:后|後)(?:可|再|重|才|发|送|到)|内?(?:再次|重新|重复|重複|多次|(?:请勿|不要|勿|不能|不可)(?:再|重|多)|送达|发货|到货|到账)|客服|热线|"
    r"服务|在线|营业"
)
_CLOCK = re.compile(r"(?<=\ba )\d{1,2}h\d\d(?!\d)")  # 'à 14h30'
_AND = re.compile(r"(?: ?(?:and|et|und|e|y|零|又) ?| )?")
_NEAR = 30  # characters that may stand between a duration and what it is said of


def validity_minutes(folded: str, *, must_say: bool = False) -> int | float | None:
    """Minutes that a folded text says its code is good; None if it does not say. Whole minutes are an int.

    `must_say`: a duration alone, without a word of validity, does not count.

    Durations of waiting, of the past, and of opening hours do not count; of several the one beside words of validity
    is meant, else the first. 'An hour and 30 minutes' is one duration.
    """
    best: tuple[bool, float] | None = None
    after = 0
    for found in DURATION.finditer(folded):
        if found.start() < after or _CLOCK.match(folded, found.start()):
            continue
        seconds, after = _whole(folded, found)
        before, behind = folded[max(0, found.start() - _NEAR) : found.start()], folded[after : after + _NEAR]
        if _BAD_AFTER.match(behind) or _BAD_BEFORE.search(before):
            continue
        is_said = bool(_GOOD.search(before) or _GOOD.search(behind))
        if best is None or (is_said and not best[0]):
            best = (is_said, seconds)
    if best is None or best[1] <= 0 or (must_say and not best[0]):
        return None
    minutes = best[1] / 60
    return int(minutes) if minutes == int(minutes) else minutes


def _whole(folded: str, found: re.Match[str]) -> tuple[float, int]:
    """Seconds of a duration together with a smaller one right behind it, and where they end."""
    seconds, end = _seconds(found), found.end()
    joint = _AND.match(folded, end)
    more = DURATION.match(folded, joint.end() if joint else end)
    if more and _unit(more) < _unit(found):
        return seconds + _seconds(more), more.end()
    return seconds, end


def _seconds(found: re.Match[str]) -> float:
    digits = found["digits"] or found["late"]
    if digits:
        number = float(digits)
    elif found["word"]:
        number = _NUMBERS[found["word"]]
    else:
        number = _chinese(found["chinese"])
    return (number + (0.5 if found["half"] else 0)) * _unit(found)


def _unit(found: re.Match[str]) -> int:
    return next(seconds for seconds, _, _ in _UNITS if found[f"u{seconds}"])


def _chinese(numerals: str) -> float:
    """'十五' is 15, '三十' 30, '一百二十' 120, '半' 0.5."""
    if numerals == "半":
        return 0.5
    total, digit = 0, 0
    for each in numerals:
        if each in "十百":
            total += (digit or 1) * (10 if each == "十" else 100)
            digit = 0
        else:
            digit = _CHINESE[each]
    return total + digit
