import pytest
from PIL import Image
from support import upload

from fusioncolor import files, images
from fusioncolor.addresses import Address, location
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.prediction import plan, sources

NAMES = ("b.jpg", "a.png", "a.hint.json", "a.scribble.png", "x/c.tif", "x/readme.md", ".hidden/d.jpg", "x/.e.jpg")
TWINS = ("set/color/f.jpg", "set/gray/f.jpg", "other/color/g.jpg")


@pytest.fixture
def tree(tmp_path):
    for name in (*NAMES, *TWINS):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if images.format_of(path.suffix):
            Image.new("L", (8, 8)).save(path)
        else:
            path.write_text("[]")
    return tmp_path / "tree"


def found(*photographs, exclude="memory://elsewhere") -> list[sources.Item]:
    return list(sources.stream([location(one) for one in photographs], exclude=location(exclude)))


@pytest.mark.parametrize("kind", ["memory", "bucket"])
def test_a_folder_elsewhere_has_the_photographs_of_one_here(kind, tree, request):
    address = request.getfixturevalue(kind)
    upload(tree, f"{address}/tree")
    planned = plan.tasks(PredictConfig(photographs=[tree], output=tree.parent / "out"))
    there = found(f"{address}/tree")
    assert {str(item.relative) for item in there} == {task.source.relative_to(tree).as_posix() for task in planned}
    assert {item.top for item in there} == {"tree"}
    [with_hints] = [item for item in there if item.hints]
    assert with_hints.source == Address(f"{address}/tree/a.png")
    assert [one.name for one in with_hints.hints] == ["a.hint.json", "a.scribble.png"]


def test_here_and_there_can_be_mixed(tree, memory):
    upload(tree, f"{memory}/tree")
    (tree.parent / "list.txt").write_text(f"{tree / 'b.jpg'}\n{memory}/tree/x/c.tif\n")
    items = found(tree / "a.png", f"{memory}/tree/a.png", tree.parent / "list.txt")
    assert [str(item.source) for item in items] == [
        *(str(tree / "a.png"), f"{memory}/tree/a.png", str(tree / "b.jpg"), f"{memory}/tree/x/c.tif")
    ]
    assert [len(item.hints) for item in items] == [2, 2, 0, 0]
    assert {item.top for item in items} == {"tree", "x"}


def test_a_list_elsewhere_names_addresses(tree, memory):
    upload(tree, f"{memory}/tree")
    files.opened_store(Address(memory)).put_bytes(f"{memory}/tree/b.jpg\n".encode(), "list.txt")
    assert [str(item.source) for item in found(f"{memory}/list.txt")] == [f"{memory}/tree/b.jpg"]
    files.opened_store(Address(memory)).put_bytes(b"b.jpg\n", "list.txt")
    with pytest.raises(InputError, match=r"a list at an address holds addresses, and this one has b\.jpg"):
        found(f"{memory}/list.txt")


def test_results_among_photographs_are_left_out_and_the_other_way_round_is_refused(tree, memory):
    upload(tree, f"{memory}/tree")
    names = {str(item.relative) for item in found(f"{memory}/tree", exclude=f"{memory}/tree/x")}
    assert names == {"a.png", "b.jpg", "set/gray/f.jpg", "other/color/g.jpg"}
    for output in (f"{memory}/tree", memory):
        with pytest.raises(InputError, match="is in the output folder"):
            found(f"{memory}/tree", exclude=output)


def test_no_photograph_is_replaced_by_its_result(tree, memory):
    upload(tree, f"{memory}/tree")
    (tree.parent / "list.txt").write_text(f"{memory}/tree/a.png\n")
    for photographs in (f"{memory}/tree/a.png", tree.parent / "list.txt"):
        with pytest.raises(InputError, match=r"tree/a\.png is in the output folder memory://"):
            found(photographs, exclude=f"{memory}/tree")
    with pytest.raises(InputError, match="is in the output folder"):
        found(tree, f"{memory}/tree", exclude=str(tree))


def test_a_folder_without_photographs_is_named(memory):
    files.opened_store(Address(memory)).put_bytes(b"", "x/readme.md")
    with pytest.raises(InputError, match=r"no image in memory://.*/x \(looked for"):
        found(f"{memory}/x")


def test_copies_have_the_names_and_the_bytes(tree, memory, tmp_path):
    upload(tree, f"{memory}/tree")
    [item] = found(f"{memory}/tree/a.png")
    source, beside = item.fetched(tmp_path / "copies")
    assert [path.name for path in (source, *beside)] == ["a.png", "a.hint.json", "a.scribble.png"]
    assert source.read_bytes() == (tree / "a.png").read_bytes()
    [here] = found(tree / "a.png")
    assert here.fetched(tmp_path / "other") == (tree / "a.png", (tree / "a.hint.json", tree / "a.scribble.png"))


def test_stamps_change_with_hints(tree, memory):
    upload(tree, f"{memory}/tree")
    [before] = found(f"{memory}/tree/a.png")
    files.opened_store(Address(memory)).put_bytes(b"[ ]", "tree/a.hint.json")
    [after] = found(f"{memory}/tree/a.png")
    assert before.stamp() != after.stamp()


def test_hints_far_away_in_a_listing_are_forgotten():
    entries = [files.Entry(f"{number:05}.hint.json", 1, "x") for number in range(5000)]
    sizes = [len(beside) for _, beside in sources._with_neighbors(iter(entries))]
    assert max(sizes) <= 2 * sources._AROUND
    assert len(sizes) == 5000
