"""Laws of templates."""

import pytest

from pipeline.domain.templates import TemplateError, placeholders, render


@pytest.mark.parametrize(
    ("template", "params", "text"),
    [
        (
            "【云杉】验证码{code}，{minutes}分钟内有效",
            {"code": "0042", "minutes": "5"},
            "【云杉】验证码0042，5分钟内有效",
        ),
        ("{a}{a}", {"a": "x"}, "xx"),
        ("no place", {}, "no place"),
        ("", {}, ""),
        ("{{code}}", {}, "{code}"),
        ("{{{code}}}", {"code": "1"}, "{1}"),
        ("{a}", {"a": "{b}"}, "{b}"),
        ("{a}", {"a": "\\1 \\g<0> {{"}, "\\1 \\g<0> {{"),
        ("{a}", {"a": ""}, ""),
    ],
)
def test_values_go_to_their_places_and_are_never_read_again(template: str, params: dict[str, str], text: str) -> None:
    assert render(template, params) == text


@pytest.mark.parametrize(
    ("template", "params", "code"),
    [
        ("{a} {b}", {"a": "1"}, "template-parameter-missing"),
        ("{a}", {"a": "1", "b": "2"}, "template-parameter-unused"),
        ("{a.b}", {"a": "1"}, "template-syntax"),
        ("{a[0]}", {"a": "1"}, "template-syntax"),
        ("{a!r}", {"a": "1"}, "template-syntax"),
        ("{a:>9}", {"a": "1"}, "template-syntax"),
        ("{}", {}, "template-syntax"),
        ("{0}", {"0": "1"}, "template-syntax"),
        ("{a", {"a": "1"}, "template-syntax"),
        ("a}", {}, "template-syntax"),
        ("{ a }", {"a": "1"}, "template-syntax"),
    ],
)
def test_what_does_not_fit_is_refused_by_a_stable_code(template: str, params: dict[str, str], code: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, params)
    assert caught.value.code == code


def test_a_refusal_names_parameters_but_shows_no_value_and_no_hostile_name() -> None:
    with pytest.raises(TemplateError) as caught:
        render("{a}", {"a": "secret", "b": "secret", "+18446040924": "x"})
    assert caught.value.detail == "(not a name), b"


def test_places_can_be_listed_beforehand() -> None:
    assert placeholders("{a} {{b}} {c} {a}") == {"a", "c"}
