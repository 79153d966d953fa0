"""Whether somebody far away can be told: each alert address by its place, in the words of `clockd web --check`."""

from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import Standing
from clockd.errors import ConfigError, PackageMissing
from clockd.web import alerting

NO_SUCH_SERVICE = "one address a line in the credential alert-urls; apprise's list of services says how each is written"


def check_alerts(standing: Standing) -> list[CheckLine]:
    """Look whether each address can be used; none is repeated, since it holds a password."""
    try:
        urls = standing.secrets.find(alerting.ALERT_URLS)
        services = [] if urls is None else alerting.services_of(urls)
    except ConfigError:
        return []  # told as a credential that can be none
    except PackageMissing as error:
        return [CheckLine.failed("alerts", error)]
    if not services:
        return [CheckLine("alerts", ok=True, found=alerting.NO_ADDRESSES)] if standing.sees_credentials else []
    return [
        CheckLine(
            alerting.place_of(place),
            ok=service is not None,
            found=service or alerting.UNKNOWN_ADDRESS,
            hint="" if service else NO_SUCH_SERVICE,
        )
        for place, service in enumerate(services, 1)
    ]
