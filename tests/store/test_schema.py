"""A database that a newer clockd left: opened where it says so, and else refused with nothing touched."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from clockd import config
from clockd.core.model import Action
from clockd.errors import StoreUnusable
from clockd.store import badges, schema, spare
from clockd.store.thread import Store
from tests.cli.test_looking import configured, everything
from tests.e2e.conftest import Command
from tests.flow.house import House, in_virtual_time, simulator
from tests.sim_timetrack.conftest import STRICT
