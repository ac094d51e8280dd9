"""What the tests of the Python module share: its scenarios, and the command line to compare with."""
import os
import pathlib

import pytest
import retwin

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@pytest.fixture
def mm1():
    return retwin.load(HERE / "mm1.yaml")


@pytest.fixture
def workshop():
    return retwin.load(HERE / "workshop.yaml")


@pytest.fixture
def jam():
    return retwin.load(HERE / "jam.yaml")


@pytest.fixture
def qingdao():
    return retwin.load(ROOT / "scenarios/plants/qingdao.yaml")


@pytest.fixture
def command():
    """The command line, which RETWIN names."""
    if "RETWIN" not in os.environ:
        pytest.skip("RETWIN does not name the command")
    return os.environ["RETWIN"]
