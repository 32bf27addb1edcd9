"""What all tests share: a hypothesis profile, and PyTorch as third oracle where it is there."""

import warnings

import pytest
from hypothesis import Phase, settings

# Derandomised, so that a red build is red for everybody; no deadlines, so that a busy machine is
# not a bug.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
# For planted bugs it is enough to know that a test fails: nothing is shrunk.
unshrunk = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", settings.get_profile("book"), phases=unshrunk)
settings.load_profile("book")


@pytest.fixture(scope="session")
def torch():
    """PyTorch; without it the test is skipped, and the skip says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(
            "torch", reason="PyTorch is not installed: the third oracle was NOT asked"
        )
