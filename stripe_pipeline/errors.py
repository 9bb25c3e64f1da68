"""Errors that a user can act on, each as one plain sentence."""


class PipelineError(Exception):
    """A run that failed: the message says what happened, to which object, and what to do."""

    exit_code = 1


class UsageError(PipelineError):
    """A command or setting that is wrong, found before anything was started."""

    exit_code = 2
