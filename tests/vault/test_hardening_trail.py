"""A tail that was cut and has grown again, and what the file outside the database can and cannot tell."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.vault.test_trail_rules import KEY, a_trail
from vault.rules.trail import START, Entry, Fault, Finding, first_fault, mac_of


def regrown(trail: list[Entry], left: int, length: int) -> list[Entry]:
    """The first `left` entries, and others after them, up to `length`."""
    chain = trail[:left]
    for number in range(left + 1, length + 1):
        entry = replace(
            trail[0], number=number, target=f"N{number}", previous=chain[-1].mac if chain else START, mac=""
        )
        chain.append(replace(entry, mac=mac_of(entry, KEY)))
    return chain


@given(data=st.data())
def test_a_tail_that_was_cut_and_has_grown_again_is_named(data: st.DataObject) -> None:
    """The chain is whole and the head is right; only the file has two lines of one number."""
    trail = a_trail(data.draw(st.integers(2, 8)))
    left = data.draw(st.integers(0, len(trail) - 1))
    touched = regrown(trail, left, data.draw(st.integers(left + 1, len(trail) + 3)))
    lines = [(entry.number, entry.mac) for entry in [*trail, *touched[left:]]]
    head = (len(touched), touched[-1].mac)
    found = first_fault(touched, key=KEY, head=head, file_heads=data.draw(st.permutations(lines)))
    if len(touched) < len(trail):
        assert found == Finding(len(touched) + 1, Fault.TRUNCATED)
    else:
        assert found == Finding(left + 1, Fault.REGROWN)


def test_a_line_written_twice_is_no_fault() -> None:
    trail = a_trail(3)
    lines = [(entry.number, entry.mac) for entry in trail] * 2
    assert first_fault(trail, key=KEY, head=lines[2], file_heads=lines) is None
