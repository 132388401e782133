"""Whatever is done to a trail, the first entry where it was done is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.envelope import Algorithm
from vault.rules.trail import START, Entry, Fault, Finding, canonical, first_fault, mac_of

KEY = bytes(32)
MORNING = datetime(2026, 3, 5, 8, tzinfo=UTC)
LENGTHS = st.integers(2, 8)


def a_trail(length: int, algorithm: Algorithm = Algorithm.AES_256_GCM) -> list[Entry]:
    chain: list[Entry] = []
    for index in range(length):
        entry = Entry(
            number=index + 1,
            at=MORNING + timedelta(minutes=index),
            account="secretary",
            address="10.0.0.8",
            action="查看谈话内容",
            target_kind="谈话",
            target=f"T{index}",
            detail="{}",
            succeeded=True,
            algorithm=algorithm,
            previous=chain[-1].mac if chain else START,
            mac="",
        )
        chain.append(replace(entry, mac=mac_of(entry, KEY)))
    return chain


def fault_of(touched: list[Entry], written: list[Entry]) -> Finding | None:
    """What is found in a touched trail, whose head and file still say what was written."""
    heads = [(entry.number, entry.mac) for entry in written]
    return first_fault(touched, key=KEY, head=heads[-1] if heads else None, file_heads=heads)


def renumbered(entries: list[Entry]) -> list[Entry]:
    return [replace(entry, number=index + 1) for index, entry in enumerate(entries)]


@pytest.mark.parametrize("algorithm", list(Algorithm))
@given(length=st.integers(0, 8))
def test_a_whole_trail_is_whole(algorithm: Algorithm, length: int) -> None:
    trail = a_trail(length, algorithm)
    assert fault_of(trail, trail) is None


@given(data=st.data())
def test_an_altered_entry_is_named(data: st.DataObject) -> None:
    trail = a_trail(data.draw(LENGTHS))
    index = data.draw(st.integers(0, len(trail) - 1))
    field, value = data.draw(
        st.sampled_from(
            [
                ("at", MORNING - timedelta(days=1)),
                ("account", "somebody"),
                ("address", "10.0.0.9"),
                ("action", "登录"),
                ("target_kind", "党员"),
                ("target", "T99"),
                ("detail", '{"a":1}'),
                ("succeeded", False),
                ("algorithm", Algorithm.SM4_GCM),
                ("mac", "f" * 64),
            ]
        )
    )
    touched = [*trail]
    touched[index] = replace(trail[index], **{field: value})
    found = fault_of(touched, trail)
    assert found == Finding(index + 1, Fault.ALTERED)


@given(data=st.data(), renumber=st.booleans())
def test_a_removed_entry_is_named(data: st.DataObject, renumber: bool) -> None:
    trail = a_trail(data.draw(LENGTHS))
    index = data.draw(st.integers(0, len(trail) - 2))
    touched = trail[:index] + trail[index + 1 :]
    found = fault_of(renumbered(touched) if renumber else touched, trail)
    assert found == Finding(index + 1, Fault.REMOVED)


@given(data=st.data())
def test_an_inserted_entry_is_named(data: st.DataObject) -> None:
    trail = a_trail(data.draw(LENGTHS))
    index = data.draw(st.integers(0, len(trail) - 1))
    before = trail[index - 1].mac if index else START
    forged = replace(trail[index], target="T99", previous=before, mac="e" * 64)
    found = fault_of(renumbered([*trail[:index], forged, *trail[index:]]), trail)
    assert found == Finding(index + 1, Fault.INSERTED)


@given(data=st.data())
def test_a_copied_entry_is_named(data: st.DataObject) -> None:
    trail = a_trail(data.draw(LENGTHS))
    source = data.draw(st.integers(0, len(trail) - 1))
    index = data.draw(st.integers(source + 1, len(trail)))
    found = fault_of(renumbered([*trail[:index], trail[source], *trail[index:]]), trail)
    assert found == Finding(index + 1, Fault.INSERTED)


@given(data=st.data())
def test_reordered_entries_are_named(data: st.DataObject) -> None:
    trail = a_trail(data.draw(LENGTHS))
    first = data.draw(st.integers(0, len(trail) - 2))
    second = data.draw(st.integers(first + 1, len(trail) - 1))
    touched = [*trail]
    touched[first], touched[second] = touched[second], touched[first]
    assert fault_of(renumbered(touched), trail) == Finding(first + 1, Fault.REORDERED)


@given(data=st.data(), head_too=st.booleans())
def test_a_cut_tail_is_named(data: st.DataObject, head_too: bool) -> None:
    """Also where the head row was set back with it: the file outside the database remembers."""
    trail = a_trail(data.draw(LENGTHS))
    left = trail[: data.draw(st.integers(0, len(trail) - 1))]
    heads = [(entry.number, entry.mac) for entry in trail]
    head = (heads[len(left) - 1] if left else (0, START)) if head_too else heads[-1]
    assert first_fault(left, key=KEY, head=head, file_heads=heads) == Finding(len(left) + 1, Fault.TRUNCATED)


def test_without_the_file_a_cut_tail_with_its_head_would_not_show() -> None:
    """The negative control of the file: what it is for."""
    trail = a_trail(5)
    cut = first_fault(trail[:3], key=KEY, head=(3, trail[2].mac), file_heads=[])
    assert cut is None


@given(data=st.data())
def test_lines_that_the_file_lost_are_no_fault(data: st.DataObject) -> None:
    """A machine that dies between commit and append leaves gaps; they must not read as tampering."""
    trail = a_trail(data.draw(LENGTHS))
    heads = [(entry.number, entry.mac) for entry in trail]
    kept = data.draw(st.lists(st.sampled_from(heads), unique=True))
    assert first_fault(trail, key=KEY, head=heads[-1], file_heads=kept) is None


def test_a_missing_file_is_told() -> None:
    trail = a_trail(3)
    found = first_fault(trail, key=KEY, head=(3, trail[2].mac), file_heads=None)
    assert found == Finding(1, Fault.NO_HEAD_FILE)


def test_a_trail_rewritten_under_another_key_is_named() -> None:
    trail = a_trail(3)
    assert first_fault(trail, key=bytes(31) + b"x", head=None, file_heads=[]) is not None


def test_a_rewritten_tail_is_told_by_the_file() -> None:
    """Even one who holds the key cannot rewrite what the file has noted."""
    trail, other = a_trail(4), a_trail(2)
    forged = replace(trail[2], target="T99")
    forged = replace(forged, mac=mac_of(forged, KEY))
    rest = replace(trail[3], previous=forged.mac)
    rest = replace(rest, mac=mac_of(rest, KEY))
    touched = [*other, forged, rest]
    found = first_fault(
        touched, key=KEY, head=(4, rest.mac), file_heads=[(entry.number, entry.mac) for entry in trail]
    )
    assert found == Finding(3, Fault.ALTERED)


def test_details_read_the_same_in_whatever_order_they_came() -> None:
    assert canonical({"b": 1, "a": "甲"}) == canonical({"a": "甲", "b": 1}) == '{"a":"甲","b":1}'
    assert canonical(None) == "{}"


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
