"""The local list of breached secrets, searched on disk."""

from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.records.breached import is_breached


def listed(path: Path, secrets: set[str], end: str = "\r\n") -> Path:
    hashes = sorted(sha1(one.encode()).hexdigest().upper() for one in secrets)
    path.write_bytes(
        "".join(f"{one}:{len(one) + at}{end}" for at, one in enumerate(hashes)).encode()
    )
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.text(max_size=8), max_size=60), st.text(max_size=8), st.sampled_from(["\n", "\r\n"])
)
def test_a_secret_is_found_when_it_is_in_the_file_and_only_then(
    tmp_path: Path, secrets: set[str], other: str, end: str
) -> None:
    path = listed(tmp_path / "breached.txt", secrets, end)
    assert all(is_breached(path, one) for one in secrets)
    assert is_breached(path, other) == (other in secrets)


def test_a_file_that_is_gone_is_said_and_lets_nothing_pass(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        is_breached(tmp_path / "gone.txt", "anything")
