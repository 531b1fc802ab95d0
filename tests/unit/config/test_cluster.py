from pathlib import Path

import pytest

from fusioncolor.config import EvaluateConfig, PredictConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize("config", [PredictConfig, EvaluateConfig])
@pytest.mark.parametrize("options", [{"cluster_cpus": 2}, {"cluster_address": "a:1"}])
def test_options_of_a_cluster_need_one(tmp_path, config, options):
    [name] = options
    with pytest.raises(InputError, match=f"`{name}` is for `cluster`"):
        config(photographs=[tmp_path], **options)


@pytest.mark.parametrize("address", ["ray://a:10001", "a", "a:b", ":1", ""])
def test_an_address_is_a_host_and_a_port(tmp_path, address):
    with pytest.raises(InputError, match="`cluster_address` must be a host and a port"):
        PredictConfig(photographs=[tmp_path], cluster="ray", cluster_address=address)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"photographs": []}, "`cluster` shares out `photographs`: name some"),
        ({"photographs": [Path("-")]}, "name files and folders in place of -"),
        ({"output": Path("-")}, "name files and folders in place of -"),
        ({"shard": "1/2"}, "leave out `shard`, or `cluster`"),
        ({"grid": True}, "leave out `cluster`, or `grid`"),
        ({"hint_preview": True}, "leave out `cluster`, or `hint_preview`"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        PredictConfig(**{"photographs": [tmp_path], "cluster": "ray", **options})


def test_fid_is_measured_by_one_process(tmp_path):
    with pytest.raises(InputError, match="leave out `cluster`, or `fid`"):
        EvaluateConfig(photographs=[tmp_path], cluster="ray", fid=True)


def test_there_is_one_kind_of_cluster(tmp_path):
    with pytest.raises(InputError, match="`cluster` must be one of ray"):
        PredictConfig(photographs=[tmp_path], cluster="dask")
