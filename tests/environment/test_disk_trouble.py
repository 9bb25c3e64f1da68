"""A full or closed disk is told as such, whatever wraps the error."""

import errno
import os
import sqlite3

import pytest

from stripe_pipeline.disk_trouble import disk_trouble


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/x"), "(/srv/x): no space is left"),
        (sqlite3.OperationalError("database or disk is full"), "no space is left"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "read-only"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/srv/x"), "permission"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "no space is left to this user"),
    ],
)
def test_it_is_found_behind_another_error(error: Exception, said: str) -> None:
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError("a wrapper's words") from cause
    except RuntimeError as wrapper:
        assert said in (disk_trouble(wrapper) or "")
    assert disk_trouble(RuntimeError("no such thing")) is None
