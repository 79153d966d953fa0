"""Everything that can go wrong, cut by what the caller does next.

    ClockdError                 every error of ours: a message, and a hint that says what to do
     ├ ConfigError              stop with exit code 2: the file, the place, the reason, a suggestion
     ├ UsageError               stop with exit code 2: the command's words are off
     ├ Refused                  stop with exit code 1: understood, and the answer is no
     ├ NoDaemon                 stop with exit code 3: nobody listens on the control socket
     │  └ NotLetIn              … somebody may, and this user may not ask
     ├ TrackerUnreachable       stop with exit code 4: the tracker gave no answer
     ├ NotRecorded              tell the person at the door that nothing was saved; the next tap may work
     ├ StoreUnusable            do not start (or stop): the database cannot be trusted or is somebody else's
     │  └ StoreInUse            … stop with exit code 2: another clockd has it
     └ DeviceError              close the device, wait, open it again; everything else goes on
        ├ DeviceMissing         … it is not there
        ├ DeviceForbidden       … it is there, and we may not use it
        └ PackageMissing        … its library is not installed

An error never carries a badge's identifier, a secret or a file's content.
"""

from collections.abc import Sequence


class ClockdError(Exception):
    """Base of all errors of clockd.

    Args:
        message: what happened, in one sentence without a final stop.
        hint: what the reader of the message can do about it; empty when there is nothing to do.
        details: more of what happened, a line each.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = tuple(details)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(ClockdError):
    """A configuration that cannot be used; `where` is file and key, as `clockd.toml: rules.repeat_s`."""

    exit_code = 2

    def __init__(self, where: str, why: str, *, hint: str = "") -> None:
        super().__init__(f"{where}: {why}", hint=hint)
        self.where = where
        self.why = why


class UsageError(ClockdError):
    """A command that was called wrongly."""

    exit_code = 2


class Refused(ClockdError):
    """A request that was understood and cannot be granted."""

    exit_code = 1


class NotNow(Refused):
    """A request that can be granted in a moment: something is under way that has to end first."""


class NoDaemon(ClockdError):
    """Nobody answers on the control socket."""

    exit_code = 3


class NotLetIn(NoDaemon):
    """The user may not speak to who may listen on the control socket."""


class TrackerUnreachable(ClockdError):
    """The tracker could not be asked."""

    exit_code = 4


class NotRecorded(ClockdError):
    """The punch is not on disk, and nobody may be told that it is."""


class StalePlan(ClockdError):
    """What was planned is not so any more: a person changed it meanwhile. Nothing was done; to be planned anew."""


class StoreUnusable(ClockdError):
    """The database cannot be opened, is damaged, or is in use by another process."""


class StoreInUse(StoreUnusable):
    """Another clockd has the database; two may never share one."""

    exit_code = 2


class DeviceError(ClockdError):
    """A reader or a panel is lost; it is reopened with back-off while everything else goes on."""


class DeviceMissing(DeviceError):
    """The device is not there."""


class DeviceForbidden(DeviceError):
    """The device is there, and this user may not open it."""


class PackageMissing(DeviceError):
    """The library a configured device needs is not installed.

    Args:
        device: the device as the configuration names it, as `reader kind "pcsc"`.
        extra: the extra of clockd that brings the library, as `pcsc`.
    """

    def __init__(self, device: str, extra: str) -> None:
        super().__init__(f"{device} needs a package that is not installed", hint=f"pip install 'clockd[{extra}]'")
        self.device, self.extra = device, extra
