"""Laws of content checks: what each country and class asks for, and the table that the README lists."""

from pathlib import Path

import pytest

from pipeline.domain.classes import MessageClass
from pipeline.domain.content.checks import CHECKS, violations
from pipeline.domain.content.classification import LooksLike, looks

OTP, MARKETING, SERVICE = MessageClass.OTP, MessageClass.MARKETING, MessageClass.SERVICE


@pytest.mark.parametrize(
    ("text", "message_class", "country", "codes"),
    [
        ("【云杉银行】您的登录验证码是159104，有效期为5分钟，请立即验证。", OTP, "CN", ()),
        ("【行舟租车】验证码5246,感谢您询价,如非本人操作请忽略。", OTP, "cn", ()),
        ("您的验证码是159104", OTP, "CN", ("signature-missing",)),
        ("您好【云杉】验证码159104", OTP, "CN", ("signature-not-at-edge",)),
        ("【云杉】验证码【159104】", OTP, "CN", ("brackets-in-body",)),
        ("【】验证码159104", OTP, "CN", ("signature-missing", "brackets-in-body")),
        ("【云杉】动态密码159104", OTP, "CN", ("otp-keyword-missing",)),
        ("【云杉】动态码159104", OTP, "CN", ()),
        ("【云杉】验证码159104，新用户享8折", OTP, "CN", ("otp-has-marketing",)),
        ("【云杉】验证码159104，退订回T", OTP, "CN", ("otp-has-unsubscribe",)),
        ("【云杉】周末全场8折，拒收请回复R", MARKETING, "CN", ()),
        ("周末全场8折，回T退订【云杉】", MARKETING, "CN", ()),
        ("【云杉】周末全场8折，退订回复TD。", MARKETING, "CN", ()),
        ("【云杉】周末全场8折", MARKETING, "CN", ("unsubscribe-missing",)),
        ("【云杉】退订回T，周末全场8折快来", MARKETING, "CN", ("unsubscribe-not-last",)),
        ("【云杉】验证码159104，退订回T", MARKETING, "CN", ("otp-in-marketing",)),
        ("【云杉】详见 https://a.example.cn/x", SERVICE, "CN", ("url-unfiled",)),
        ("【云杉】低息贷款，退订回T", MARKETING, "CN", ("finance-term",)),
        ("【云杉】您的贷款本月应还500元", SERVICE, "CN", ()),
        ("【云杉】百家乐", SERVICE, "CN", ("gambling-term",)),
        ("【云杉】" + "好" * 500, SERVICE, "CN", ("too-long",)),
        ("Acme: 20% off all shoes. Reply STOP to opt out", MARKETING, "US", ()),
        ("Acme: stop by our store for 20% off", MARKETING, "US", ("unsubscribe-missing",)),
        ("Acme: your code is 4410. Reply STOP to opt out", OTP, "US", ()),
        ("Acme: your code is 4410 and 20% off everything", OTP, "US", ("otp-has-marketing",)),
        ("Acme : -20% ce jour. STOP 36111", MARKETING, "FR", ()),
        ("Acme : -20% ce jour.", MARKETING, "FR", ("unsubscribe-missing",)),
        ("(광고)그린마트 할인 무료수신거부 080-123-4567", MARKETING, "KR", ()),
        ("그린마트 할인 무료수신거부 080-123-4567", MARKETING, "KR", ("ad-label-missing",)),
        ("(광고)그린마트 무료수신거부 080-123-4567 할인", MARKETING, "KR", ("unsubscribe-not-last",)),
        ("(광고)그린마트 할인 무료수신거부", MARKETING, "KR", ("unsubscribe-not-last",)),
        ("[QC] Giam gia 50%. Tu choi: soan TC gui 1234", MARKETING, "VN", ()),
        ("Giam gia 50%. Tu choi: soan TC gui 1234", MARKETING, "VN", ("ad-label-missing",)),
        ("Oferta do dia! Responda SAIR para cancelar", MARKETING, "BR", ()),
        ("周末全场8折", MARKETING, " CN ", ("signature-missing", "unsubscribe-missing")),
        ("Acme kampanya. Ret: ACME yaz 3340 gönder", MARKETING, "TR", ()),
        ("Acme: SMS almak istemiyorsanız acme.example/r", MARKETING, "TR", ()),
        ("%50 indirim! RET yaz 4600'e gönder B002", MARKETING, "TR", ()),
        ("Big news from Acme", MARKETING, "", ("unsubscribe-missing",)),
        ("  \u200b ", SERVICE, "", ("text-empty",)),
        ("a\x1bb", SERVICE, "US", ("control-character",)),
        ("Your order is on its way", SERVICE, "US", ()),
    ],
)  # fmt: skip
def test_each_country_asks_for_its_own(
    text: str, message_class: MessageClass, country: str, codes: tuple[str, ...]
) -> None:
    assert violations(text, message_class, country) == codes


def test_a_filed_host_may_be_linked_and_no_other() -> None:
    text = "【云杉】详见 https://A.example.cn/x"
    assert violations(text, SERVICE, "CN", filed_hosts=frozenset({"a.example.cn"})) == ()
    assert violations(text, SERVICE, "CN", filed_hosts=frozenset({"example.cn"})) == ("url-unfiled",)


def test_words_are_handed_in() -> None:
    assert violations("【云杉】某词", SERVICE, "CN", terms={"political-term": ("某词",)}) == ("political-term",)
    assert violations("【云杉】百家乐", SERVICE, "CN", terms={}) == ()


def test_every_check_is_listed_in_the_readme_with_its_meaning() -> None:
    listed = (Path(__file__).parents[5] / "pipeline" / "domain" / "README.md").read_text("utf-8")
    missing = [each.code for each in CHECKS if f"`{each.code}`" not in listed or each.meaning not in listed]
    assert not missing, f"pipeline/README.md lacks these checks, or says something else of them: {missing}"


@pytest.mark.parametrize(
    ("text", "kind", "reasons"),
    [
        ("Your verification code is 4410", LooksLike.OTP, ("code", "code-word")),
        ("20% off! Reply STOP", LooksLike.MARKETING, ("advertising:0% off", "unsubscribe")),
        ("Use code SAVE20 at checkout", LooksLike.OTHER, ()),
        ("Never share your OTP", LooksLike.OTP, ("code-word",)),
        ("See you at 10", LooksLike.OTHER, ()),
    ],
)
def test_what_a_text_looks_like_has_its_reasons(text: str, kind: LooksLike, reasons: tuple[str, ...]) -> None:
    found = looks(text)
    assert (found.kind, found.reasons) == (kind, reasons)
