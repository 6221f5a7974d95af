"""Laws of what is on the wire."""

from connectors.on_the_wire import OnTheWire


def test_the_first_submits_are_answered_when_the_last_of_them_is_in_whatever_order() -> None:
    wire = OnTheWire()
    assert wire.has_answered(0)
    first, second, third = (wire.go_out() for _ in range(3))
    assert wire.count == 3
    wire.answered(second)
    assert [wire.has_answered(count) for count in range(4)] == [True, False, False, False]
    wire.answered(first)
    assert [wire.has_answered(count) for count in range(4)] == [True, True, True, False]
    wire.answered(third)
    assert wire.has_answered(3)


def test_who_asks_is_told_of_each_answer_after_it_counts() -> None:
    wire = OnTheWire()
    seen: list[bool] = []
    wire.on_answer = lambda: seen.append(wire.has_answered(1))
    number, later = wire.go_out(), wire.go_out()
    wire.answered(number)
    wire.answered(later)
    assert seen == [True, True]
