"""Errors that a user can act on: each says what failed, on which thing, why, and what to do next."""


class AigcLawError(Exception):
    """Base of every error this project raises on purpose.

    Args:
        what: what failed, naming the thing it failed on.
        why: the likely cause.
        next_step: what the user can do now.
        code: tells what is said here, for whoever says it in another language.
        values: what it speaks of, by name.
    """

    def __init__(self, what: str, *, why: str = "", next_step: str = "", code: str = "", **values: object) -> None:
        self.what, self.why, self.next_step = what, why, next_step
        self.code, self.values = code, values
        super().__init__(
            "".join(part for part in (what, why and f" 原因：{why}", next_step and f" 下一步：{next_step}"))
        )


class InvalidQuestion(AigcLawError):
    """The question cannot be read as a question (empty, too long, no words in it)."""


class InvalidInput(AigcLawError):
    """A batch line, a date or another argument is malformed."""


class IndexUnavailable(AigcLawError):
    """The index is missing, damaged, or was built with other settings."""


class DocumentRefused(AigcLawError):
    """A file cannot become a document of the corpus."""


class ModelUnavailable(AigcLawError):
    """An embedding model cannot be loaded or called."""
