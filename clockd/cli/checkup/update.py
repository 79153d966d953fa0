"""How the last update of the program went, as the updater wrote it down."""

from clockd.cli.checkup.lines import CheckLine
from clockd.cli.updating import UPDATE_ADVICE, update_lines
from clockd.core.updates import UpdateStage
from clockd.updating.record import UpdateRecord


def check_update(record: UpdateRecord) -> list[CheckLine]:
    """Say how the last update went; nothing where there never was one."""
    if record.stage is UpdateStage.NONE:
        return []
    failed = record.stage in (UpdateStage.FAILED, UpdateStage.RETURNING)
    told = {"state": record.stage.value, "version": record.version, "detail": record.detail}
    found = ": ".join(line.strip() for line in update_lines(told))
    return [CheckLine("update", ok=not failed, found=found, hint=UPDATE_ADVICE if failed else "")]
