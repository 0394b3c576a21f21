"""Errors of the wiring. Each message is one sentence that says what to do next; the command line shows it as it is.

SchedulerError
├── MailServerUnusable     the server cannot be reached, refuses TLS or the password; the outbox is kept
├── LeaseHeld              another process holds the lease that this one needs
├── SettingsUnusable       a setting that cannot work
└── ProcessEnded           a process of ours that helped was ended by somebody else
"""

from __future__ import annotations

import click


class SchedulerError(click.ClickException):
    """Root of the errors of this package."""


class MailServerUnusable(SchedulerError):
    """No message can be handed over now."""


class LeaseHeld(SchedulerError):
    """Another process does this work on the same store."""


class SettingsUnusable(SchedulerError):
    """A setting has a value that nothing can be done with."""


class ProcessEnded(SchedulerError):
    """A helping process died; what was written stays, and the same call goes on."""
