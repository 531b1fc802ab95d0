from fusioncolor.config import DoctorConfig


def test_speed_is_measured_unless_it_is_switched_off():
    assert DoctorConfig().measure
