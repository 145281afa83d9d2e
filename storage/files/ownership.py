"""Whether only this user can write a file: files that others can write are not trusted."""

import os
import stat


def find_fault(status: os.stat_result) -> str:
    """Return why a file is not trusted; an empty string where only this user can write it.

    The mode of a link says nothing. The superuser does not trust other users' files either.
    """
    if status.st_uid != os.geteuid():
        return f"belongs to {_name_of(status.st_uid)}"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not stat.S_ISLNK(status.st_mode):
        return "can be written by other users"
    return ""


def _name_of(user: int) -> str:
    import pwd  # only a refusal needs it

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
