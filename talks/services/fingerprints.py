"""Fingerprints made with each record, and of those there before (talks/rules/fingerprints.py)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from talks.models import Fingerprint, Participant, Talk
from talks.models.fingerprints import WITHOUT
from talks.rules.checks import Written, is_thin, lacks_end
from talks.rules.fingerprints import VERSION, fingerprint_of
from talks.rules.likeness import words_of
from vault.services import Actor, enter_trail, hmac_hex

PURPOSE = "talk fingerprints"
# So many records are made ready at once.
BATCH = 200


@transaction.atomic
def keep_fingerprints(*, talks: Sequence[Talk]) -> None:
    """Makes the fingerprints of records whose text the caller has just written, or opened."""
    if not talks:
        return
    # A secret of the vault's for this purpose alone; it outlives the rotation of the keys that seal.
    key = bytes.fromhex(hmac_hex(purpose=PURPOSE, text="key"))
    for start in range(0, len(talks), BATCH):
        batch = talks[start : start + BATCH]
        names = _names(batch)
        Fingerprint.objects.bulk_create(
            [
                Fingerprint(talk=talk, version=VERSION, value=_made(talk, names[talk.pk], key))
                for talk in batch
            ],
            update_conflicts=True,
            unique_fields=["talk"],
            update_fields=["version", "value"],
        )


def fingerprint_next_records(*, actor: Actor, at: datetime, most: int = BATCH) -> int:
    """Makes the next fingerprints that are wanting, the oldest records first; how many.

    That sealed records are opened for it stands in the trail first. Each call is a transaction of its own:
    after a kill the next one goes on where the last one stopped.
    """
    with transaction.atomic():
        rows = Talk.objects.counting().filter(WITHOUT).defer("topic", "cancel_reason").order_by("pk")
        talks = list(rows[:most])
        if talks:
            enter_trail(
                actor=actor,
                at=at,
                action="生成内容指纹",
                target_kind="谈话",
                target=f"{talks[0].code}—{talks[-1].code}",
                detail={"数量": len(talks)},
            )
            keep_fingerprints(talks=talks)
    return len(talks)


def _made(talk: Talk, names: set[str], key: bytes) -> bytes:
    written = Written(content=talk.content, held_on=talk.held_on, ends_at=talk.ends_at)
    return fingerprint_of(words_of(talk.content, names), key, is_thin=is_thin(written) or lacks_end(written))


def _names(talks: Sequence[Talk]) -> dict[int, set[str]]:
    """The names of those who took part in each of the talks, the recorder among them."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Participant.objects.filter(talk__in=[talk.pk for talk in talks]).order_by()
    for talk, name in rows.values_list("talk", "member__name"):
        found[talk].add(name)
    recorded = Talk.objects.filter(pk__in=[talk.pk for talk in talks], recorder__isnull=False).order_by()
    for talk, name in recorded.values_list("pk", "recorder__name"):
        found[talk].add(name)
    return found
