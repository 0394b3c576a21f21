"""The single command. Each subcommand lives in ``scheduler/commands/`` and is imported only when it is called."""

from __future__ import annotations

import importlib
import sqlite3
import sys

import click

# name on the command line -> (module, attribute, help line)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "serve": ("scheduler.commands.serve", "serve", "Run the scheduler and the members' site."),
    "crawl": ("scheduler.commands.crawl", "crawl", "Crawl sources, live or from WARC files."),
    "parse": ("scheduler.commands.crawl", "parse", "Read one saved page with a source's parser."),
    "sources": ("scheduler.commands.sources", "sources", "List, check, try, propose and mend sources."),
    "tag": ("scheduler.commands.tag", "tag", "Tag texts with countries, sectors, deadlines and amounts."),
    "score": ("scheduler.commands.tag", "score", "Measure tags against a gold file."),
    "vocabulary": ("scheduler.commands.tag", "vocabulary", "Check the vocabulary and report what a change would do."),
    "digest": ("scheduler.commands.digest", "digest", "Build, preview and send the weekly digests."),
    "brief": ("scheduler.commands.brief", "brief", "Write the market study of a country and a sector."),
    "members": ("scheduler.commands.members", "members", "Accounts."),
    "profiles": ("scheduler.commands.profiles", "profiles", "What clusters and persons want to be told."),
    "opportunity": ("scheduler.commands.opportunity", "opportunity", "One golden record: as it is, or as it was on a date."),
    "db": ("scheduler.commands.db", "db", "Status, migration, backup and rebuilding of the store."),
    "jobs": ("scheduler.commands.jobs", "jobs", "The scheduler's jobs."),
    "doctor": ("scheduler.commands.doctor", "doctor", "Check the installation and say what to do."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order declared."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``, or None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their help lines, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clusterscout")
def cli() -> None:
    """Funding calls, tenders, fairs and market studies for industrial clusters.

    Example: clusterscout serve --sample
    """


def main() -> None:
    """Run the command line. Exit 0 ok, 1 failed (one sentence that says what to do next), 2 wrong usage."""
    try:
        # click gives back the code of an Exit that a command raised, instead of raising it
        code = cli.main(standalone_mode=False)
        if isinstance(code, int):
            sys.exit(code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except sqlite3.OperationalError as error:
        click.echo(f"Error: {explain_sqlite(error)}", err=True)
        sys.exit(1)


def explain_sqlite(error: sqlite3.Error) -> str:
    """One sentence for the failures an operator can mend: a busy, read-only, full or damaged file."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"The database is busy ({text}); another clusterscout is writing. Try again, or stop it first."
    if "readonly" in text:
        return f"The database cannot be written ({text}). Give this user the right to write the file and its folder."
    if "full" in text:
        return f"The disk is full ({text}). Free space and start again; nothing already stored is lost."
    if "unable to open" in text:
        return f"The database cannot be opened ({text}). Check the path in CLUSTERSCOUT_DATA and the folder's rights."
    return f"The database answered: {text}. Run 'clusterscout doctor' to see what is wrong."


if __name__ == "__main__":
    main()
