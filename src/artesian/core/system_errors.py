"""Errors of the operating system as a problem and a hint."""

from __future__ import annotations

import errno

HINTS = {
    errno.EMFILE: "raise the limit of open files (ulimit -n), or close other files",
    errno.ENFILE: "close other programs: the system has no file descriptor left",
    errno.ENOSPC: "free disk space, or choose another disk",
    errno.EDQUOT: "free disk space, or choose another disk",
    errno.EACCES: "change its permissions, or choose another place",
    errno.EPERM: "change its permissions, or choose another place",
    errno.EROFS: "choose a place on a disk that is not read-only",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "it is a link that leads to itself: choose another place",
    errno.ENOTDIR: "a part of the path is a file: choose another place",
    errno.EISDIR: "it is a folder: name a file",
    errno.EBUSY: "something is mounted there, or another program uses it: name a folder in it",
    errno.ENOMEM: "use fewer rows or columns, or a machine with more memory",
    errno.EAGAIN: "raise the limit of processes and threads (ulimit -u)",
}
DEFAULT = "check that the disk has room and that the folder may be written to"


def hint_for(problem: OSError, default: str = DEFAULT) -> str:
    """What to do about an error of the system."""
    return HINTS.get(problem.errno or 0, default)


def reason_of(problem: OSError) -> str:
    """What the system says, in one line and without its number."""
    return problem.strerror or " ".join(str(problem).split()) or type(problem).__name__
