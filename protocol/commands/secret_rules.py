"""What a new secret has to be: long, and not easily guessed. No rule asks for signs or digits
(NIST SP 800-63B); everything is checked on this machine."""

from collections.abc import Iterable

from zxcvbn import zxcvbn

from protocol.records.breached import is_breached
from protocol.records.database import Database
from protocol.rules.errors import SecretGuessable

# zxcvbn's own word for 10^8 guesses or more: "safely unguessable" where the hash is slow.
SCORE_MIN = 3
# zxcvbn takes a name that is written twice for 10^8 guesses; what is beside the names counts.
BESIDE_NAMES_MIN = 8
_LOOKED_AT_MAX = 72  # zxcvbn's time grows faster than the text; what it saw of it is enough


def require_unguessable(
    database: Database, secret: str, *, characters_min: int, about: Iterable[str]
) -> None:
    """Refuse with SecretGuessable what is short, common, made of the person's own names, or in the
    installation's list of breached secrets. No fact of the refusal holds any of the secret."""
    if len(secret) < characters_min:
        raise SecretGuessable(
            f"The secret has fewer than {characters_min} characters.",
            field="secret", rule="too-short", characters_min=characters_min,
        )  # fmt: skip
    names = [word for one in about for word in (one, *one.split())]
    score = zxcvbn(secret[:_LOOKED_AT_MAX], user_inputs=names)["score"]
    if score < SCORE_MIN or len(_without(names, secret)) < BESIDE_NAMES_MIN:
        raise SecretGuessable(
            "The secret is made of common or known words and patterns (zxcvbn).",
            field="secret", rule="common",
        )  # fmt: skip
    if database.breached_hashes is not None and is_breached(database.breached_hashes, secret):
        raise SecretGuessable(
            "The secret stands in the list of breached secrets.", field="secret", rule="breached"
        )


def _without(names: Iterable[str], secret: str) -> str:
    """What is left of a secret without the person's and the clinic's names."""
    left = secret.casefold()
    for name in sorted({one.casefold() for one in names if len(one) > 2}, key=len, reverse=True):
        left = left.replace(name, "")
    return "".join(left.split())
