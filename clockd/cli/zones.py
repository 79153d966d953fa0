"""One version of the time zones for the whole process."""

import zoneinfo

import tzdata


def use_packaged_zones() -> str:
    """Take all zones from the `tzdata` package that was installed with clockd; call it once, before the first zone.

    Python looks into the operating system's files first. An upgrade of those under a running process would leave it
    with zones of two versions, and two doors with one version of clockd could disagree about an hour.

    Returns:
        The version of the package, as `2026.1`.
    """
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    return str(tzdata.__version__)
