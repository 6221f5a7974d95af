import pytest

from pipeline.domain.content.signatures import Position, read_signature


@pytest.mark.parametrize(
    ("text", "signature", "position", "body"),
    [
        ("【云杉】验证码1234", "云杉", Position.START, "验证码1234"),
        ("验证码1234【云杉】", "云杉", Position.END, "验证码1234"),
        (" 【 云杉 】 验证码", "云杉", Position.START, " 验证码"),
        ("【甲】你好【乙】", "甲", Position.START, "你好【乙】"),
        ("你好【甲】再见", None, Position.NONE, "你好【甲】再见"),
        ("【】你好", None, Position.NONE, "【】你好"),
        ("\ufeff【甲】你好\u200b", "甲", Position.START, "你好\u200b"),
        ("你好【甲】\u200b", "甲", Position.END, "你好"),
        ("[甲]你好", None, Position.NONE, "[甲]你好"),
        ("［甲］你好", None, Position.NONE, "［甲］你好"),
        ("您的验证码为【123456】", None, Position.NONE, "您的验证码为【123456】"),
        ("【12306】验证码", "12306", Position.START, "验证码"),
        ("【甲【乙】你好", None, Position.NONE, "【甲【乙】你好"),
        ("", None, Position.NONE, ""),
    ],
)
def test_a_signature_is_first_or_else_last_and_the_rest_is_the_body(
    text: str, signature: str | None, position: Position, body: str
) -> None:
    signed = read_signature(text)
    assert (signed.signature, signed.position, signed.body) == (signature, position, body)


def test_the_brackets_of_a_signature_are_where_it_says() -> None:
    for text in (" 【甲】你好", "你好【甲】 "):
        signed = read_signature(text)
        assert text[signed.start : signed.end].strip() == "【甲】"


def test_brackets_beside_the_signature_are_told() -> None:
    assert read_signature("【甲】你好【乙】").has_brackets_in_body
    assert not read_signature("【甲】你好").has_brackets_in_body
