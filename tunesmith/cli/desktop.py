"""The user's desktop: whether there is one, and what is opened on it."""

import os
import sys
from contextlib import suppress


def has_desktop() -> bool:
    """Return whether a program can open a window: not over SSH, in a container or a service.

    Without a desktop, openers and browsers print errors, or a text browser takes the terminal.
    """
    if sys.platform == "darwin":
        return True
    # WSL opens what it is given in Windows
    names = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")
    return any(os.environ.get(name) for name in names)


def show_in_browser(url: str) -> bool:
    """Open a page in the browser, and return whether there is a desktop for it."""
    if not has_desktop():
        return False
    import webbrowser  # 10 ms, and only what opens a page needs it

    with suppress(OSError, webbrowser.Error):
        return webbrowser.open(url)
    return False
