import pytest

from fusioncolor.errors import FusionColorError, InputError, ResourceError


def test_the_options_in_a_message_are_its_fields_in_their_order():
    assert InputError("`batch_size` must not exceed `limit`. Received: 9").fields == ("batch_size", "limit")
    assert InputError("no such file: `a b`, `2`").fields == ()


def test_what_a_user_can_fix_and_what_ends_everything_are_caught_apart():
    assert issubclass(InputError, FusionColorError)
    assert issubclass(InputError, ValueError)
    with pytest.raises(ResourceError):
        try:
            raise ResourceError("the disk is full")
        except InputError:
            pytest.fail("a full disk is nothing that another option would fix")
