"""Profiles from files, and the sample profiles that come with the program."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from store.errors import ProfileUnusable
from store.profile_toml import from_toml
from store.profiles import Profile

SAMPLES = Path(__file__).parent / "sample_profiles"


def read_files(paths: Iterable[Path]) -> list[Profile]:
    """The profiles of TOML files, the id of each being its file's name. Raises ProfileUnusable with the faults of all files at once."""
    found: list[Profile] = []
    faults: list[str] = []
    for path in paths:
        try:
            found.append(from_toml(path.read_text(encoding="utf-8"), id=path.stem))
        except ProfileUnusable as error:
            faults.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{path} cannot be read ({error}).")
    if faults:
        raise ProfileUnusable(" ".join(faults))
    return found


def samples() -> list[Profile]:
    """The sample profiles: clusters as they are in the field."""
    return read_files(sorted(SAMPLES.glob("*.toml")))
