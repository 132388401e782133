"""疑点比对：200,000 份记录的内容指纹，一分钟以内；相似 90% 的找出 95% 以上，误报 1% 以下

Texts are put together from phrases as minutes are, so that many share some; one in five copies an older one
and changes part of it. Brute force, which opens every text, says of a sample what is true.
"""

import gc
from itertools import islice
from random import Random

from talks.rules.fingerprints import fingerprint_of, near_ones
from talks.rules.likeness import Words, likeness, words_of
from tests.bench.bench_engine import timed

RECORDS, SAMPLE, COPIES = 200_000, 3_000, 5
KEY = b"k" * 32
NEAR, VERY_NEAR = 80, 95


def texts(count: int, seed: int = 7) -> list[str]:
    """Texts of 5 to 12 phrases, of about 100 characters; every fifth copies one of the hundred before."""
    random = Random(seed)
    signs = [chr(0x4E00 + number) for number in range(2500)]
    phrases = ["".join(random.choices(signs, k=random.randint(8, 16))) for _ in range(20_000)]
    found: list[str] = []
    for number in range(count):
        if number % COPIES or not number:
            found.append("".join(random.choices(phrases, k=random.randint(5, 12))))
            continue
        copied = list(random.choice(found[-100:]))
        for _ in range(random.randint(0, len(copied) // 8)):
            copied[random.randrange(len(copied))] = random.choice(signs)
        found.append("".join(copied))
    return found


def truth(words: list[Words]) -> dict[int, tuple[int, float]]:
    """By brute force: of each record the older one that is most like it."""
    found = {}
    for younger, one in enumerate(words):
        older, alike = max(
            ((older, likeness(other, one)) for older, other in enumerate(islice(words, younger))),
            key=lambda pair: pair[1],
            default=(0, 0.0),
        )
        found[younger] = (older, alike)
    return found


def sealed_fingerprints(values: list[bytes]) -> tuple[float, float]:
    """Seconds to seal and to open them, as the sweep does."""
    from vault.rules.envelope import Algorithm, Place, seal, unseal
    from vault.rules.keys import KeyRing, key_of

    ring = KeyRing((key_of(b"v" * 32),))
    place = Place("talks_fingerprint", "value", "1")
    sealing, envelopes = timed(
        lambda: [
            seal(value, place=place, key=ring.current, algorithm=Algorithm.AES_256_GCM) for value in values
        ]
    )
    opening, _ = timed(lambda: [unseal(one, place=place, keys=ring) for one in envelopes])
    return sealing, opening


def run() -> list[tuple[str, str]]:
    """Seconds to make, open and compare the fingerprints; recall and false alarms on a sample."""
    given = texts(RECORDS)
    making, values = timed(lambda: [fingerprint_of(words_of(text), KEY, is_thin=False) for text in given])
    _, opening = sealed_fingerprints(values)
    gc.collect()
    comparing, found = timed(lambda: near_ones(values, near=NEAR, very_near=VERY_NEAR))
    words = [words_of(text) for text in given[:SAMPLE]]
    judging, true = timed(lambda: truth(words))
    told = {one.younger: one for one in found if one.younger < SAMPLE}
    alike = [younger for younger, (_, likeness) in true.items() if likeness >= 0.9]
    missed = [younger for younger in alike if younger not in told]
    wrong = [one for one in told.values() if likeness(words[one.older], words[one.younger]) < NEAR / 100]
    assert opening + comparing < 60
    assert len(missed) <= 0.05 * len(alike)
    assert len(wrong) <= 0.01 * len(told)
    return [
        ("生成一份指纹（含去除姓名、日期）", f"{making / RECORDS * 1000:.2f} 毫秒"),
        ("打开全部指纹", f"{opening:.1f} 秒"),
        (f"比对 {RECORDS:,} 份", f"{comparing:.1f} 秒，找出 {len(found):,} 份"),
        (
            f"前 {SAMPLE:,} 份逐对打开比对（{SAMPLE * (SAMPLE - 1) // 2:,} 对）",
            f"{judging:.1f} 秒，相似 90% 以上 {len(alike)} 份",
        ),
        ("其中指纹找出的", f"{100 * (1 - len(missed) / len(alike)):.1f}%"),
        ("误报（实际相似不到 80%）", f"{len(wrong)} 份，占 {100 * len(wrong) / len(told):.2f}%"),
    ]
