"""Every fault against every source: is it noticed, does anything vanish, is anything wrong published, is all well again after it."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from store.codec import notice_from_json
from store.database import open_store
from store.model import Notice
from tests.crawlers.faults.driver import crawl
from tests.crawlers.faults.faults import FAULTS, Fault
from tests.crawlers.faults.shapes import NOW, Shape, render, things

FAULTY_DAYS = 4


@dataclass(frozen=True)
class Outcome:
    """One fault on one source. ``noticed`` means not healthy for an ill one; ``wrong`` are sentences on what is published and is not
    true, ``told`` material changes that are none, ``gone`` withdrawals, ``mended`` whether the next good day is healthy and whole,
    ``mastered`` whether all things were read and right in spite of the fault.
    """

    shape: Shape
    fault: Fault
    verdict: str
    reasons: tuple[str, ...]
    gone: int
    wrong: tuple[str, ...]
    told: int
    mended: bool
    mastered: bool

    @property
    def noticed(self) -> bool:
        """Whether the run was not called healthy on any faulty day; or everything was read right in spite of the fault."""
        return self.verdict != "healthy" or (self.fault.ill and self.mastered)

    @property
    def good(self) -> bool:
        """Whether all went as it must."""
        return self.noticed == self.fault.ill and not self.gone and not self.wrong and not self.told and self.mended


def run(chosen: Sequence[Shape], faults: Iterable[Fault] = FAULTS) -> Iterator[Outcome]:
    """Four healthy days, four faulty ones with two new things, one healthy day again; for each source and fault."""
    for shape in chosen:
        with tempfile.TemporaryDirectory(prefix="clusterscout-faults-") as folder:
            before = Path(folder) / "before.db"
            listed = things(shape)
            for day in range(4):
                done = crawl(shape.source, render(shape, listed), before, NOW + timedelta(days=day, minutes=day))
                assert (done.verdict, done.complete) == ("healthy", True), (shape, done)
                if day == 2:  # the pages of the fourth day are read anew, not remembered
                    _forget(before)
            later = [*listed, *things(shape, first=1_000, count=2)]
            truth = _truth(Path(folder) / "truth.db", before, shape, later)
            for fault in faults:
                site = fault.apply(shape, later)
                if site is not None:
                    yield _one(Path(folder) / "case.db", before, shape, fault, site, truth, later)


def _forget(path: Path) -> None:
    db = open_store(path)
    with db.conn:
        db.execute("delete from page_state")
    db.close()


def _copy(path: Path, before: Path) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(before, path)


def _truth(path: Path, before: Path, shape: Shape, later: Sequence[Any]) -> dict[str, Notice]:
    _copy(path, before)
    done = crawl(shape.source, render(shape, later), path, NOW + timedelta(days=5))
    assert done.verdict == "healthy", (shape, done)
    return _stored(path)


def _stored(path: Path) -> dict[str, Notice]:
    db = open_store(path)
    found = {source_id: notice_from_json(payload) for source_id, payload in db.execute("select source_id, payload from notice")}
    db.close()
    return found


def _one(
    path: Path, before: Path, shape: Shape, fault: Fault, site: Any, truth: dict[str, Notice], later: Sequence[Any]
) -> Outcome:
    _copy(path, before)
    db = open_store(path)
    seen = db.execute("select coalesce(max(id), 0) from change").fetchone()[0]
    db.close()
    runs = [crawl(shape.source, site, path, NOW + timedelta(days=5 + day)) for day in range(FAULTY_DAYS)]
    first = next((done for done in runs if (done.verdict != "healthy") != fault.ill), runs[0])
    found = _stored(path)
    wrong = tuple(_untrue(found, truth))
    mastered = not wrong and all(
        i in found and (found[i].title, found[i].deadlines) == (truth[i].title, truth[i].deadlines) for i in truth
    )
    mended = crawl(shape.source, render(shape, later), path, NOW + timedelta(days=10))
    db = open_store(path)
    gone = db.execute("select count(*) from notice where withdrawn_at is not null").fetchone()[0]
    told = db.execute("select count(*) from change where id > ? and material and type != 'created'", [seen]).fetchone()[0]
    left = db.execute("select count(*) from held").fetchone()[0]
    db.close()
    well = mended.verdict == "healthy" and mended.complete and not left and _stored(path).keys() >= truth.keys()
    return Outcome(shape, fault, first.verdict, first.reasons, gone, wrong, told, well, mastered)


def _untrue(found: dict[str, Notice], truth: dict[str, Notice]) -> Iterator[str]:
    """What the store says and is not so. A value that is missing is no falsehood; nor is another wording of a place's country."""
    for source_id, notice in found.items():
        true = truth.get(source_id)
        if true is None:
            yield f"{source_id} is no item: {notice.title}"
            continue
        for name in ("title", "summary", "published", "starts", "ends"):
            value = getattr(notice, name)
            if value and value != getattr(true, name):
                yield f"{source_id}: {name} {value!r} is {getattr(true, name)!r}"
        if notice.deadlines and [d.local for d in notice.deadlines] != [d.local for d in true.deadlines]:
            yield f"{source_id}: deadline {notice.deadlines[0].local} is {true.deadlines[0].local if true.deadlines else None}"


def table(outcomes: Sequence[Outcome]) -> str:
    """The matrix as text: a line a fault, then the sums."""
    lines = [f"{'fault':36} sources noticed gone wrong told mended"]
    for fault in FAULTS:
        mine = [one for one in outcomes if one.fault.name == fault.name]
        if not mine:
            continue
        noticed = sum(one.noticed for one in mine)
        lines.append(
            f"{fault.name:36} {len(mine):7} {noticed if fault.ill else f'{noticed} (0)':>7} {sum(one.gone for one in mine):4} "
            f"{sum(bool(one.wrong) for one in mine):5} {sum(one.told for one in mine):4} {sum(one.mended for one in mine):6}"
        )
    ill = [one for one in outcomes if one.fault.ill]
    noticed = sum(one.noticed for one in ill)
    calm = [one for one in outcomes if not one.fault.ill]
    in_spite = sum(one.verdict == "healthy" for one in ill if one.noticed)
    lines += [
        f"{len({one.shape.name for one in outcomes})} sources, {len({one.fault.name for one in outcomes})} faults, {len(outcomes)} cases",
        f"noticed {noticed} of {len(ill)} ({noticed / max(len(ill), 1):.1%}, {in_spite} of them read right in spite of the fault); harmless changes taken for faults "
        f"{sum(one.verdict != 'healthy' for one in calm)} of {len(calm)}",
        f"withdrawn {sum(one.gone for one in outcomes)}, cases with anything wrong published {sum(bool(one.wrong) for one in outcomes)}, "
        f"changes told that are none {sum(one.told for one in outcomes)}, not well the day after {sum(not one.mended for one in outcomes)}",
    ]
    return "\n".join(lines)


def worst(outcomes: Sequence[Outcome], most: int = 25) -> list[str]:
    """Sentences on what went otherwise than it must."""
    bad = [one for one in outcomes if not one.good]
    kinds = Counter((one.fault.name, one.shape.form) for one in bad)
    said = [f"{count} x {fault} on {form}" for (fault, form), count in kinds.most_common(most)]
    for one in bad[:most]:
        said.append(
            f"{one.fault.name} on {one.shape.form} {one.shape.count} ({one.shape.name}): {one.verdict} {one.reasons[:2]} gone {one.gone} "
            f"told {one.told} mended {one.mended} wrong {one.wrong[:1]}"
        )
    return said
