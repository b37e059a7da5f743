"""SQL that is compiled once in a test process, as it is once in a server's.

Every test has a database of its own, so an engine of its own, so a dialect and a cache of its own:
a third of each test's time went into compiling the same statements for it again. Here the engines
of one kind share them. What is sent to the database stays the same, and a statement whose cached
form would not fit its values is found sooner, because the cache lives longer.
"""

from typing import Any

import pytest
from sqlalchemy import Dialect, Engine, create_engine, event

from protocol.records import database

_dialects: dict[str, Dialect] = {}
_compiled: dict[Any, Any] = {}


def compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, in this process."""
    monkeypatch.setattr(database, "create_engine", _engine_that_shares)


def _engine_that_shares(url: str, **options: Any) -> Engine:
    engine = create_engine(url, **options)
    kind = engine.dialect.name
    if kind in _dialects:
        engine.dialect = _dialects[kind]
    else:
        # It knows the server's version once it has connected, and may be lent from then on.
        event.listen(engine, "first_connect", lambda *_: _dialects.setdefault(kind, engine.dialect))
    engine.update_execution_options(compiled_cache=_compiled)
    return engine
