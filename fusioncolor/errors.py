"""The one exception that means "the user can mend this"."""


class InputError(ValueError):
    """A path, file or option is wrong; the message is one sentence that says what, which, and what to do.

    The command line prints the message and exits with code 2; every other exception is a defect of the program.
    """


class FatalError(InputError):
    """What ends the whole command: the disk is full, say, and no other photograph would fare better."""
