"""An update that failed, and alert addresses that are none, as `clockd status` and `clockd check` tell them."""

import pytest

from clockd.cli.checkup.alerts import check_alerts
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import Standing
from clockd.cli.checkup.update import check_update
from clockd.cli.status import print_update
from clockd.cli.updating import UPDATE_ADVICE
from clockd.config import Secrets
from clockd.core.updates import UpdateStage
from clockd.updating.record import UpdateRecord
from clockd.web import alerting

UNHEALTHY = "the daemon does not answer"


@pytest.mark.parametrize("stage", UpdateStage)
def test_a_check_says_how_the_last_update_went(stage: UpdateStage) -> None:
    found = check_update(UpdateRecord(stage, "0.2.0", "0.1.0", UNHEALTHY))
    if stage is UpdateStage.NONE:
        assert found == []
        return
    [line] = found
    failed = stage in (UpdateStage.FAILED, UpdateStage.RETURNING)
    assert (line.ok, line.hint) == (not failed, UPDATE_ADVICE if failed else "")
    assert UNHEALTHY in line.found


def test_a_failed_update_is_in_the_status_and_one_that_went_well_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    print_update({"state": "failed", "version": "0.2.0", "detail": UNHEALTHY})
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["update   0.2.0 was not healthy; the version before is back", f"         {UNHEALTHY}"]
    assert "clockd update now" in "".join(shown[2:])
    for state in ("none", "done", "taken back", "not begun"):
        print_update({"state": state, "version": "0.2.0", "detail": None})
    assert capsys.readouterr().out == ""


def _standing(addresses: str | None, *, sees: bool = True) -> Standing:
    environ = {} if addresses is None else {"CLOCKD_ALERT_URLS": addresses}
    return Standing(CheckLine("looked at", True, ""), Secrets(None, environ), None, None, True, sees)


SECRET = "a-password-of-a-mailbox"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_each_alert_address_is_told_by_its_place_as_the_page_does() -> None:
    standing = _standing(f"# ours\nntfy://ntfy.example/door\nnosuch://{SECRET}\n")
    found = check_alerts(standing)
    urls = standing.secrets.need(alerting.ALERT_URLS)
    assert [f"{line.what}: {line.found}" for line in found] == alerting.checked(urls)
    assert [line.ok for line in found] == [True, False]
    assert found[1].hint
    assert SECRET not in str(found)


def test_without_addresses_that_is_said_where_they_would_be_seen() -> None:
    assert [line.found for line in check_alerts(_standing(None))] == [alerting.NO_ADDRESSES]
    assert check_alerts(_standing(None, sees=False)) == [], "who cannot see them does not know that there are none"
