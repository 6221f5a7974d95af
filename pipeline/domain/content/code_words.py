"""Words around one-time codes, by language: what names a code, what names another number, what joins the two.

Data of `codes`, written as it is after `folding.fold`: lower case, no accents, no marks. Words of scripts that set
blanks are whole words; the others may stand anywhere. Sources: DOMAIN 5 (CN otp), 10; keyword list of
tianma8023/SmsCode; Android SMS User Consent (4-10 characters, one a digit); texts of common senders.
"""

import re
from typing import Final

from pipeline.domain.content.folding import fold

LETTER: Final = "a-zа-яіїєґα-ω"


def _words(*patterns: str) -> str:
    """Alternatives that are whole words."""
    return rf"(?<![{LETTER}])(?:{fold('|'.join(patterns)).text})(?![{LETTER}])"


def _anywhere(*patterns: str) -> str:
    return "|".join(fold(each).text for each in patterns)


_CODE_EN = r"(?:codes?|pins?|pass ?codes?|passwords?|key)"

_NOT_A_CODE = "|".join(
    (
        _words(
            r"(?:promo\w*|discount|coupon|voucher|gift(?: ?card)?|zip|post(?:al|code)?|area|country|qr|bar|dress|"
            r"source|"
            r"referral|invit\w+|booking|tracking|pick-?up|collection|product|item|offer|redeem|redemption|claim|winning|store|sort|"
            r"swift|short|status|error|reward|sms) ?codes?",
            r"codes? (?:promo\w*|of conduct|reviews?|de reduction|postal|avantage|parrain\w*|rabatt)",
            r"codigo (?:promocional|de descuento|postal|de desconto|promo|de barras)",
            r"(?:rabatt|gutschein|aktions)-?codes?",
            r"(?:indirim|kupon|posta) kodu?",
            r"codice (?:sconto|promo\w*|postale|fiscale)",
            r"pin ?code (?:area|\d{6} area)",
            r"промокод\w*",
        ),
        _anywhere(
            *(
                "优惠码",
                "折扣码",
                "兑换码",
                "邀请码",
                "推荐码",
                "取件码",
                "提货码",
                "取货码",
                "取餐码",
                "二维码",
                "条形码",
            ),
            *(
                "邮政编码",
                "区号",
                "核销码",
                "券码",
                "健康码",
                "乘车码",
                "付款码",
                "收款码",
                "優惠碼",
                "折扣碼",
                "クーポンコード",
            ),
            *("쿠폰 ?(?:번호|코드)", "할인 ?코드", "QRコード", "우편번호"),
        ),
    )
)

_SURE = "|".join(
    (
        _anywhere(
            r"(?:验证|校验|检验|确认|激活|动态|安全|登录|登陆|登入|认证|识别|注册|交易|随机|授权|核验|一次性|临时|"
            r"驗證|校驗|檢驗|確認|"
            r"啟用|動態|登錄|認證|識別|註冊|授權|臨時|短信)(?:码|碼|代码|代碼|号码|號碼|密码|密碼|口令|编码)",
            r"(?:認証|確認|検証|セキュリティ|ログイン|ワンタイム|暗証)(?:番号|コード|パスワード|キー)",
            r"(?:인증|확인|보안|본인확인|일회용|로그인|승인) ?(?:번호|코드|비밀번호)",
            r"รหัส ?(?:ยืนยัน|ผ่าน|otp|ความปลอดภัย)",
            r"رمز (?:ال)?(?:تحقق|تفعيل|دخول|تأكيد|أمان|مرور|سري)",
            r"(?:کد|رمز) (?:تایید|فعال ?سازی|ورود|یکبار|امنیتی|پویا)",
            r"קוד (?:ה)?(?:אימות|כניסה|זיהוי|חד)",
            *("ओटीपी", "ওটিপি", "सत्यापन कोड", "যাচাইকরণ কোড"),
        ),
        _words(
            r"m?otps?",
            r"(?:smart|sms|m|mobile-?|push-?|photo-?|chip-?)?tan",
            rf"one[ -]?time[ -](?:secur\w+ |login |verification |access )?{_CODE_EN}",
            r"verify-?codes?",
            r"(?:verification|verify|confirmation|security|authenti\w+|authori[sz]ation|auth|log ?-?in|sign ?-?in|"
            r"sign ?-?up|"
            rf"access|activation|registration|validation|identification|reset|recovery|temporary|2fa|"
            rf"two[ -]factor) {_CODE_EN}",
            r"passcodes?",
            r"(?:codigo|clave|senha|contrasena|token)s? (?:(?:sms|unic[oa]) )?(?:de |do |da )?(?:un |uso )?"
            r"(?:verificac\w+|seguridad|seguranca|acces\w+|acesso|confirmac\w+|activac\w+|ativac\w+|autenticac\w+|"
            r"validac\w+|registro|login|dinamic\w|temporal|temporari\w|unic\w)",
            r"codes? (?:sms )?(?:de |d')?(?:verification|securite|acces|confirmation|activation|validation|connexion|"
            r"authentification|unique)",
            r"(?:verifi\w+|bestatigungs|sicherheits|aktivierungs|anmelde|zugangs|einmal|freigabe|login)-?"
            r"(?:code|pin|passwort|kennwort)",
            r"(?:dogrulama|onay|guvenlik|aktivasyon|giris|tek kullanimlik|islem)(?: sms)? (?:kodu?|sifre)\w*",
            r"(?:verificatie|beveiligings|inlog|bevestigings|toegangs)-?code",
            r"(?:verifi[ck]\w+|bekreft\w+|engangs|sakerhets|vahvistus|kerta|turva)-?(?:kod\w*|koodi\w*|pass\w*|"
            r"salasana\w*)",
            r"(?:kod|kodem|kodu|haslo) (?:sms|weryfik\w+|autoryz\w+|aktyw\w+|dostepu|potwierdz\w+|jednoraz\w+|"
            r"logowania)",
            r"cod(?:ul)?(?: tau)? de (?:verificare|securitate|confirmare|activare|acces)",
            r"codice (?:di )?(?:verifica|conferma|sicurezza|accesso|attivazione|otp)",
            r"(?:hitelesito|ellenorzo|megerosito|biztonsagi|aktivalo|belepesi)[ -]?kod\w*",
            r"(?:overovaci|potvrzovaci|aktivacni|bezpecnostni|verifikacni|overovac\w*|jednorazov\w+) (?:kod|heslo)",
            r"kode (?:verifikasi|otp|rahasia|konfirmasi|keamanan|aktivasi|akses)",
            r"kod (?:pengesahan|verifikasi|keselamatan|pengaktifan|za (?:potvrdu|verifikaciju|prijavu))",
            r"ma (?:so )?(?:xac minh|xac thuc|xac nhan|kich hoat|bao mat|dang nhap|otp|truy cap|pin)",
            r"код\w{0,2} (?:подтвержд\w+|пiдтвердж\w+|підтвердж\w+|доступ\w*|вход\w*|для входа|авторизац\w+|проверки|"
            r"активац\w+|безопасности|перевірки|верификац\w+|регистрации)",
            r"(?:проверочн|одноразов|защитн|смс-?)\w* (?:код|парол)\w*",
            r"κωδικ\w+ (?:επαληθευσης|επιβεβαιωσης|ασφαλειας|προσβασης|μιας χρησης)",
        ),
    )
)

_LIKELY = "|".join(
    (
        _anywhere(
            "代码",
            "代碼",
            "密码",
            "密碼",
            "口令",
            "コード",
            "パスワード",
            "인증",
            "비밀번호",
            "코드",
            "รหัส",
            "رمز",
            "كود",
            "کد",
            "קוד",
            "סיסמ",
        ),
        _anywhere("कोड", "पासवर्ड", "কোড", "كلمة (?:ال)?(?:مرور|سر)"),
        _words(
            r"codes?|pins?|passwords?|password|codigo|clave|senha|contrasena|token|tac",
            r"mot de passe|passwort|kennwort|wachtwoord|haslo|heslo|jelszo\w*|lozinka|parola|salasana|losenord",
            r"kod(?:u|unuz\w*|un|em|e|en|et|ul|ja|i|ova|y)?|kode(?:n|r)?|koodi\w{0,4}|sifre\w{0,5}|codul|codice|"
            r"cod|kods|kodas|koden",
            r"код\w{0,2}|парол\w{1,2}|κωδικ\w{1,3}",
            r"ma cua ban|ma la|mat khau|(?:kata )?sandi",
        ),
    )
)

_ASKS = _words(r"(?:verify|verification|authentication|verifying|log ?-?in|sign ?-?in|log on|authenticate|reset your)")

KEYWORD: Final = re.compile(f"(?P<none>{_NOT_A_CODE})|(?P<sure>{_SURE})|(?P<likely>{_LIKELY})|(?P<asks>{_ASKS})")
"""A keyword: `sure` names a one-time code, `likely` may, `asks` says what it is for; `none` names another number."""

_JOINTS = (
    *(
        "is",
        "are",
        "es",
        "e",
        "ist",
        "lautet",
        "est",
        "to",
        "je",
        "jest",
        "ar",
        "er",
        "este",
        "adalah",
        "ialah",
        "la",
        "on",
    ),
    *(
        "olan",
        "that",
        "the",
        "your",
        "code",
        "number",
        "no",
        "here",
        "below",
        "as",
        "please",
        "enter",
        "use",
        "below",
        "su",
        "o",
    ),
    *(
        "tu",
        "seu",
        "sms",
        "otp",
        "pin",
        "voici",
        "with",
        "for",
        "ban",
        "cua",
        "anda",
        "это",
        "ваш",
        "є",
        "ειναι",
        "kod",
        "kodu",
    ),
)
_JOINTS_ANYWHERE = (
    *(
        "是",
        "为",
        "為",
        "如下",
        "码",
        "碼",
        "请输入",
        "请填写",
        "请使用",
        "输入",
        "您的",
        "本次",
        "は",
        "이",
        "가",
        "는",
        "은",
        "를",
    ),
    *("คือ", "ของคุณ", "ของ", "คุณ", "هو", "هي", "הוא", "שלך", "है", "হল", "です", "입니다", "الخاص", "بك", "تحقق", "شما"),
)
JOINT: Final = re.compile(
    rf"(?:[^\w]|_|(?<![{LETTER}])(?:{'|'.join(_JOINTS)})(?![{LETTER}])|{_anywhere(*_JOINTS_ANYWHERE)})*+"
)
"""What stands between a keyword and its code if they belong to each other."""

_VERBS = ("is", "es", "e", "ist", "est", "este", "as", "je", "er", "ar", "jest", "la")
IS: Final = re.compile(
    rf"[\"'\])）」』】》*]*\s*(?:[-:(（\[]\s*)?(?:{_words(*_VERBS)}"
    rf"|{_anywhere('是', '为', '為', 'は', 'が', '입니다', 'คือ')})"
)
"""What stands behind a code that comes before its keyword: '... is your'."""

PROMOTION: Final = re.compile(
    r"\d ?% ?(?:off|de |indirim|rabatt|скидк)|discount|checkout|coupon|promo|voucher|\bsale\b|cashback|descuento|"
    r"desconto|"
    r"reduction|rabatt|indirim|скидк|sconto|"
    + _anywhere("优惠", "折扣", "满减", "立减", "促销", "할인", "割引", "クーポン")
)
"""Words of advertising beside which 'code' alone is a coupon's."""
