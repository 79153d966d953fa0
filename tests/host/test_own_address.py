"""A machine's own address, and none where there is no network."""

import ipaddress
import os
import subprocess
import sys

import pytest

from clockd.host.machine import own_address

SAY = "from clockd.host.machine import own_address; print(own_address())"


def test_it_is_an_address_or_nothing() -> None:
    if address := own_address():
        assert not ipaddress.ip_address(address).is_loopback


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take the network away")
def test_without_a_network_there_is_none() -> None:
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
