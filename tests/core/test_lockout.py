"""How many PINs may be wrong, and for how long none is taken then."""

from clockd.core.lockout import FORGOTTEN_S, FREE, LONGEST_LOCK_S, Lockout


def after(*wrong_s: float) -> Lockout:
    state = Lockout()
    for at in wrong_s:
        state = state.after_wrong(at)
    return state


def test_four_are_forgiven_and_the_fifth_closes_the_pad() -> None:
    assert after(1, 2, 3, 4).wait_s(4) == 0
    assert after(1, 2, 3, 4, 5).wait_s(5) == 30
    assert after(1, 2, 3, 4, 5).wait_s(35) == 0


def test_each_further_one_doubles_it_up_to_a_quarter_of_an_hour() -> None:
    assert after(*range(FREE + 1)).wait_s(FREE) == 60
    assert after(*range(FREE + 30)).wait_s(FREE + 29) == LONGEST_LOCK_S


def test_wrong_ones_are_forgotten_in_time() -> None:
    assert after(0, 1, 2, 3, FORGOTTEN_S + 4).wait_s(FORGOTTEN_S + 4) == 0


def test_no_more_is_kept_than_is_needed() -> None:
    assert len(after(*(n / 100 for n in range(5000))).wrong_s) <= 32
