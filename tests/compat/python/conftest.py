"""The client of the SDK and a destination, shared by all tests."""

import os

import pytest
from qstash import QStash

from destination import Destination


@pytest.fixture(scope="session")
def client():
    return QStash(token=os.environ["QSTASH_TOKEN"], base_url=os.environ["QSTASH_URL"], retry=False)


@pytest.fixture(scope="session")
def destination():
    it = Destination(
        os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"]
    )
    yield it
    it.stop()
