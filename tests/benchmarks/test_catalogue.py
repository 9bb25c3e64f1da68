"""What is compared can be had again as it was: every package of a tool has its version."""

import json
import re

import pytest

from benchmarks.peers.catalogue import PEERS, PROGRAMS, Peer

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z]+\])?==[0-9][^ ]*( ; .+)?")


@pytest.mark.parametrize("peer", PEERS.values(), ids=list(PEERS))
def test_every_package_has_its_version(peer: Peer) -> None:
    for requirements in peer.requirements:
        text = requirements.read_text()
        if requirements.suffix == ".json":
            versions = json.loads(text)["dependencies"].values()
            assert all(re.fullmatch(r"[0-9.]+", version) for version in versions)
        else:
            lines = [line for line in text.splitlines() if not line.startswith("#")]
            assert lines
            assert [line for line in lines if not PINNED.fullmatch(line)] == []


def test_every_program_and_its_requirements_belong_to_a_tool() -> None:
    used = {path.name for peer in PEERS.values() for path in peer.requirements}
    used |= {peer.command[0].rpartition("/")[2] for peer in PEERS.values()}
    there = {path.name for path in PROGRAMS.iterdir() if path.suffix in (".py", ".txt", ".json")}
    assert there <= used
