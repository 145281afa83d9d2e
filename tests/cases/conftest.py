"""What whole commands run into: another clock, and calls that a file system lacks."""

import errno
import shutil
import subprocess
from pathlib import Path

import pytest

SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Seconds by which the clock is wrong now: what a file says, which may change at any time. */
static long shift(void) {
    char text[32] = "";
    const char *path = getenv("CLOCK_SHIFT");
    int file = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) : -1;
    if (file < 0) return 0;
    if (syscall(SYS_read, file, text, sizeof text - 1) < 0) text[0] = 0;
    syscall(SYS_close, file);
    return atol(text);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
/* Hard links, which a file system may refuse in several ways. */
int linkat(int from, const char *old, int to, const char *name, int flags) {
    const char *refusal = getenv("LINK_ERRNO");
    if (refusal) {
        errno = atoi(refusal);
        return -1;
    }
    return syscall(SYS_linkat, from, old, to, name, flags);
}
int link(const char *old, const char *name) {
    return linkat(AT_FDCWD, old, AT_FDCWD, name, 0);
}
"""
LACKING = [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK]
"""How file systems refuse hard links."""


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library for ``LD_PRELOAD``: ``CLOCK_SHIFT`` and ``LINK_ERRNO`` say what is wrong."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler here")
    folder: Path = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    library = folder / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-o", str(library), str(folder / "shim.c")]
    subprocess.run(command, check=True, capture_output=True)
    return str(library)
