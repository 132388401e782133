"""A sealed value opens where it was sealed, with its key, unchanged; nowhere and nohow else."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.envelope import Algorithm, EnvelopeRefused, Place, is_current, rewrap, seal, unseal
from vault.rules.keys import KeyRefused, KeyRing, KeyUnknown, key_of, parse_keys, write_key

OLD, NEW = key_of(bytes(range(32))), key_of(bytes(range(1, 33)))
PLACE = Place("talks_talk", "content", "T1")
PLACES = st.builds(Place, st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
both = pytest.mark.parametrize("algorithm", list(Algorithm))


def test_sm4_gcm_is_what_the_standard_says() -> None:
    """RFC 8998, appendix A.1: the tag of SM4-GCM, so that the national algorithm is that one."""
    from vault.rules.envelope import _decrypt, _encrypt

    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    plain = bytes.fromhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    )
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = _encrypt(Algorithm.SM4_GCM, key, nonce, plain, bound)
    assert sealed[-16:].hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    assert _decrypt(Algorithm.SM4_GCM, key, nonce, sealed, bound) == plain


@pytest.mark.parametrize(
    ("algorithm", "digest"), [(Algorithm.AES_256_GCM, "sha256"), (Algorithm.SM4_GCM, "sm3")]
)
def test_data_keys_are_wrapped_under_a_key_of_the_same_family(algorithm: Algorithm, digest: str) -> None:
    """Beside SM4 stands SM3: no part of the national algorithm rests on another one."""
    from vault.rules.envelope import _wrapping_key

    expected = hmac.new(OLD.material, f"wrap {algorithm.name}\x01".encode(), digest).digest()
    assert expected.startswith(_wrapping_key(OLD, algorithm))


@both
@given(plain=st.binary(max_size=200), place=PLACES)
def test_it_opens_where_it_was_sealed(algorithm: Algorithm, plain: bytes, place: Place) -> None:
    envelope = seal(plain, place=place, key=NEW, algorithm=algorithm)
    assert unseal(envelope, place=place, keys=KeyRing((OLD, NEW))) == plain
    assert envelope[0] == algorithm


@both
@given(data=st.data())
def test_a_flipped_bit_is_refused(algorithm: Algorithm, data: st.DataObject) -> None:
    envelope = bytearray(seal(b"what was said", place=PLACE, key=NEW, algorithm=algorithm))
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((EnvelopeRefused, KeyUnknown)):
        unseal(bytes(envelope), place=PLACE, keys=KeyRing((NEW,)))


@both
def test_every_cut_is_refused(algorithm: Algorithm) -> None:
    envelope = seal(b"what was said", place=PLACE, key=NEW, algorithm=algorithm)
    for length in range(len(envelope)):
        with pytest.raises((EnvelopeRefused, KeyUnknown)):
            unseal(envelope[:length], place=PLACE, keys=KeyRing((NEW,)))


@both
@given(places=st.lists(PLACES, min_size=2, max_size=2, unique=True))
def test_a_value_moved_to_another_place_is_refused(algorithm: Algorithm, places: list[Place]) -> None:
    envelope = seal(b"what was said", place=places[0], key=NEW, algorithm=algorithm)
    with pytest.raises(EnvelopeRefused):
        unseal(envelope, place=places[1], keys=KeyRing((NEW,)))


@both
def test_without_the_place_in_the_seal_it_opens_anywhere(
    algorithm: Algorithm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a row of one talk could be laid under another."""
    monkeypatch.setattr(Place, "encoded", lambda place: b"")
    envelope = seal(b"what was said", place=PLACE, key=NEW, algorithm=algorithm)
    elsewhere = Place("talks_talk", "content", "T2")
    assert unseal(envelope, place=elsewhere, keys=KeyRing((NEW,))) == b"what was said"


def test_places_do_not_run_together() -> None:
    assert Place("a", "bc", "d").encoded() != Place("ab", "c", "d").encoded()


@both
def test_a_wrong_key_is_refused(algorithm: Algorithm) -> None:
    envelope = seal(b"what was said", place=PLACE, key=NEW, algorithm=algorithm)
    with pytest.raises(KeyUnknown):
        unseal(envelope, place=PLACE, keys=KeyRing((OLD,)))
    impostor = type(OLD)(id=NEW.id, material=OLD.material)
    with pytest.raises(EnvelopeRefused):
        unseal(envelope, place=PLACE, keys=KeyRing((impostor,)))


def test_no_two_envelopes_are_alike() -> None:
    made = {seal(b"same", place=PLACE, key=NEW, algorithm=Algorithm.AES_256_GCM) for _ in range(50)}
    assert len(made) == 50


@both
def test_rewrapping_keeps_the_text_and_leaves_the_old_key_behind(algorithm: Algorithm) -> None:
    before = seal(b"what was said", place=PLACE, key=OLD, algorithm=algorithm)
    after = rewrap(before, place=PLACE, keys=KeyRing((NEW, OLD)), algorithm=algorithm)
    assert not is_current(before, key=NEW, algorithm=algorithm)
    assert is_current(after, key=NEW, algorithm=algorithm)
    assert unseal(after, place=PLACE, keys=KeyRing((NEW,))) == b"what was said"
    # The text itself was not sealed again: a rotation costs as much for a long text as for a short one.
    assert after[-(13 + 16) :] == before[-(13 + 16) :]


def test_rewrapping_to_the_national_algorithm_seals_anew() -> None:
    before = seal(b"what was said", place=PLACE, key=OLD, algorithm=Algorithm.AES_256_GCM)
    after = rewrap(before, place=PLACE, keys=KeyRing((OLD,)), algorithm=Algorithm.SM4_GCM)
    assert after[0] == Algorithm.SM4_GCM
    assert unseal(after, place=PLACE, keys=KeyRing((OLD,))) == b"what was said"


@pytest.mark.parametrize(
    "text",
    [
        write_key(OLD.material),
        OLD.material.hex(),
        OLD.material.hex().upper(),
        f"  {write_key(OLD.material)}\n",
    ],
)
def test_a_key_is_base64_or_hexadecimal(text: str) -> None:
    assert parse_keys(text).keys == (OLD,)


def test_of_several_keys_the_first_is_current() -> None:
    for separator in (",", "\n", ", "):
        ring = parse_keys(separator.join([write_key(NEW.material), OLD.material.hex()]))
        assert (ring.current, ring.keys) == (NEW, (NEW, OLD))


@pytest.mark.parametrize(
    "text",
    ["", "password", "00" * 31, "00" * 33, write_key(bytes(31)), write_key(OLD.material) + ",", "口令一二三"],
)
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        parse_keys(text)
    assert not text or text not in str(refused.value)


def test_the_same_key_twice_is_refused() -> None:
    with pytest.raises(KeyRefused):
        parse_keys(f"{OLD.material.hex()},{write_key(OLD.material)}")


def test_keys_do_not_show_themselves() -> None:
    assert OLD.material.hex() not in repr(OLD)
    assert str(OLD.material) not in repr(KeyRing((OLD,)))
