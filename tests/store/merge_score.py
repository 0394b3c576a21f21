"""How well notices are made one record: pairwise precision and recall on the labelled set. ``python -m tests.store.merge_score``."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from sqlite_utils import Database

from store.model import Notice
from store.notices import apply
from tests.store.merge_gold import notices

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TRUST = {"eu_portal": "api", "eu_journal": "api", "en_press": "news"}


@dataclass(frozen=True, slots=True)
class Score:
    """Sizes of the set, and pairs: ``right`` of ``made`` are right, ``wanted`` were to be made."""

    notices: int
    things: int
    right: int
    made: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


def keep(db: Database, given: Sequence[Notice], *, batch: int = 500) -> None:
    """Apply notices in the order given, a source's batch at a time as crawls do."""
    for first in range(0, len(given), batch):
        for source in dict.fromkeys(n.source for n in given[first : first + batch]):
            chosen = [n for n in given[first : first + batch] if n.source == source]
            apply(db, None, chosen, now=NOW, source_trust=TRUST.get(source, "page"))


def partition(db: Database) -> frozenset[frozenset[tuple[str, str]]]:
    """The clusters in the store, each as a set of (source, source id)."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for opportunity, source, source_id in db.execute("select opportunity, source, source_id from notice"):
        found[opportunity].add((source, source_id))
    return frozenset(frozenset(members) for members in found.values())


def score(labelled: Sequence[tuple[str, Notice]], made: frozenset[frozenset[tuple[str, str]]]) -> Score:
    """Pairs of notices put together against pairs that belong together."""
    thing = {(n.source, n.source_id): label for label, n in labelled}
    pairs = [(a, b) for members in made for a, b in combinations(sorted(members), 2)]
    sizes = Counter(thing.values())
    return Score(
        notices=len(labelled),
        things=len(sizes),
        right=sum(thing[a] == thing[b] for a, b in pairs),
        made=len(pairs),
        wanted=sum(n * (n - 1) // 2 for n in sizes.values()),
    )


def main() -> None:
    """Print the score of the whole set, kept in a shuffled order."""
    labelled = notices()
    shuffled = [n for _, n in labelled]
    random.Random(1).shuffle(shuffled)
    db = open_store_in_memory()
    keep(db, shuffled)
    result = score(labelled, partition(db))
    print(f"{result.notices} notices of {result.things} things: precision {result.precision:.4f}, recall {result.recall:.4f}")


def open_store_in_memory() -> Database:
    """A migrated store that lives in memory."""
    from store.migrations.published import published

    db = Database(memory=True)
    published.apply(db)
    return db


if __name__ == "__main__":
    main()
