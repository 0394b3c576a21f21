"""Settings, read once from ``CLUSTERSCOUT_*`` or one TOML file; the environment wins. ``doctor`` prints each with its origin."""

from __future__ import annotations

import fcntl
import os
import secrets
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

import click
from platformdirs import user_data_path

PREFIX = "CLUSTERSCOUT_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings. The environment variable of a field is ``CLUSTERSCOUT_`` and its name in capitals."""

    data: Path = field(metadata={"help": "Folder of both databases, the archive and the mailbox."})
    sources: Path = field(metadata={"help": "Folder of the source TOML files; empty means those that are shipped."})
    address: str = field(default="http://127.0.0.1:8001", metadata={"help": "Public address of the site, used in mail and feeds."})
    contact: str = field(
        default="", metadata={"help": "Mail address or page that sites can reach us at; stands in the user agent."}
    )
    secret: str = field(
        default="", metadata={"help": "Key that signs cookies and mail links; made and kept in the data folder if empty."}
    )
    smtp_url: str = field(
        default="", metadata={"help": "smtp://user:password@host:587 (STARTTLS) or smtps://...; empty writes .eml files."}
    )
    mail_from: str = field(default="clusterscout <digest@localhost>", metadata={"help": "From line of all mail."})
    mail_per_minute: int = field(default=60, metadata={"help": "Most messages handed to the mail server in a minute."})
    zone: str = field(default="Europe/Brussels", metadata={"help": "IANA zone of jobs, and of people who chose none."})
    log: str = field(default="console", metadata={"help": "Log form on standard error: console or json."})
    site_processes: int = field(
        default=1,
        metadata={"help": "Processes that answer for the site; a second one when more than some four people read at once."},
    )
    workers: int = field(default=2, metadata={"help": "Sources crawled at the same time."})
    crawl_limit: int = field(default=900, metadata={"help": "Seconds that one source's crawl may take."})
    download_timeout: int = field(
        default=60, metadata={"help": "Seconds that one answer may take, from the first byte to the last."}
    )
    request_budget: int = field(default=2000, metadata={"help": "Most requests of one source's crawl."})
    request_delay: float = field(default=1.0, metadata={"help": "Least seconds between two requests to one host."})
    allow_hosts: str = field(
        default="",
        metadata={"help": "host:port pairs inside this network that may be crawled; empty for none (the sample web adds its own)."},
    )
    keep_pages_days: int = field(default=90, metadata={"help": "Days that archived pages are kept."})
    keep_runs_days: int = field(default=400, metadata={"help": "Days that run rows are kept."})
    keep_mail_days: int = field(default=400, metadata={"help": "Days that sent mail is kept."})
    keep_backups: int = field(default=8, metadata={"help": "Weekly backups that are kept in the data folder; 0 makes none."})
    operator_sql: bool = field(default=False, metadata={"help": "Whether operators may run arbitrary SQL on the published file."})
    four_eyes: bool = field(default=False, metadata={"help": "Whether a curation needs a second manager."})

    @property
    def db(self) -> Path:
        """The published database file."""
        return self.data / "clusterscout.db"

    @property
    def private_db(self) -> Path:
        """The private database file."""
        return self.data / "private.db"

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.data / "archive"

    @property
    def backups(self) -> Path:
        """The folder of the weekly backups."""
        return self.data / "backups"

    @property
    def mailbox(self) -> Path:
        """The folder that takes mail as .eml files when no SMTP server is set."""
        return self.data / "mailbox"


def load_settings(data: Path | None = None) -> Settings:
    """Read ``$CLUSTERSCOUT_CONFIG`` (a TOML file) and ``CLUSTERSCOUT_*``; ``data`` overrides the data folder.

    Raises click.ClickException for an unknown key or a value of the wrong type, naming where it came from.
    """
    known = {f.name: f for f in fields(Settings)}
    given: dict[str, object] = {}
    config = os.environ.get(PREFIX + "CONFIG")
    if config:
        given.update(_file(config))
        for key in sorted(given.keys() - known.keys()):
            raise click.ClickException(f"{config}: unknown setting '{key}'. Known: {', '.join(known)}.")
    for name in known:
        value = os.environ.get(PREFIX + name.upper())
        if value is not None:
            given[name] = value
    if data is not None:
        given["data"] = data
    given.setdefault("data", user_data_path("clusterscout"))
    given.setdefault("sources", Path(__file__).parent.parent / "crawlers" / "sources")
    return Settings(**{name: _typed(name, str(known[name].type), value) for name, value in given.items()})  # type: ignore[arg-type]


def _file(config: str) -> dict[str, object]:
    try:
        return tomllib.loads(Path(config).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(
            f"{config} cannot be read as settings: {error}. Mend it or unset CLUSTERSCOUT_CONFIG."
        ) from error


def origin_of(name: str) -> str:
    """Where a setting's value comes from: the environment, the settings file, or the default. Raises as ``load_settings`` does."""
    if os.environ.get(PREFIX + name.upper()) is not None:
        return f"environment {PREFIX}{name.upper()}"
    config = os.environ.get(PREFIX + "CONFIG")
    return f"file {config}" if config and name in _file(config) else "default"


def secret_of(settings: Settings) -> str:
    """The key that signs cookies and links: the setting, or one made once and kept in the data folder, readable by its owner alone.

    Raises click.ClickException when it can be neither read nor made.
    """
    if settings.secret:
        return settings.secret
    path = settings.data / "secret"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        with os.fdopen(handle, "r+", encoding="ascii") as file:
            # Two first starts at once: the one that gets the lock makes it, the other reads it.
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = file.read().strip()
            if not kept:
                kept = secrets.token_urlsafe(48)
                file.write(kept + "\n")
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be read or made ({error.strerror}): give this user the folder, or set CLUSTERSCOUT_SECRET."
        ) from error
    return kept


def _typed(name: str, kind: str, value: object) -> object:
    """``value`` as the field's type; strings come from the environment."""
    try:
        if kind == "Path":
            return Path(str(value)).expanduser()
        if kind == "int":
            return int(str(value))
        if kind == "float":
            return float(str(value))
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
                str(value).lower()
            ]
        return str(value)
    except (ValueError, KeyError) as error:
        raise click.ClickException(
            f"Setting {name} = {value!r} is not a {kind}. Correct {PREFIX}{name.upper()} or the settings file."
        ) from error
