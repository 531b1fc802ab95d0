"""Registries: names of heads, baselines, refinements and formats, and the places where they are defined.

Entries are imported on first use, so that help texts and checks of options do not need Keras. Other packages add
entries with the `register_...` functions, or with entry points of a registry's group in their `pyproject.toml`.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Generic, TypeVar

from fusioncolor.errors import InputError

Entry = TypeVar("Entry")


class Registry(Mapping, Generic[Entry]):
    """Entries by name: built-in ones, then those of installed packages, then those registered at run time.

    Attributes:
        kind: noun for an entry in messages.
        group: group of the entry points in which other packages declare entries.
    """

    def __init__(self, kind: str, group: str, own: Mapping[str, str | Entry]) -> None:
        """Creates a registry with its built-in entries.

        Args:
            kind: noun for an entry in messages.
            group: group of the entry points.
            own: built-in entries by name; a string "module:object" is imported on first use.
        """
        self.kind = kind
        self.group = group
        self._own = dict(own)
        self._registered: dict[str, Entry] = {}
        self._plugins: dict[str, object] | None = None

    def register(self, name: str, entry: Entry) -> Entry:
        """Adds an entry and returns it.

        Raises:
            InputError: the name is already taken.
        """
        if name in self:
            raise InputError(f"there is already a {self.kind} {name!r}: choose another name")
        self._registered[name] = entry
        return entry

    def unregister(self, name: str) -> None:
        """Removes an entry that was registered at run time."""
        del self._registered[name]

    def __getitem__(self, name: str) -> Entry:
        """Returns an entry, importing it on first use.

        Raises:
            KeyError: there is no such entry; `find` raises an `InputError` instead.
        """
        if name in self._registered:
            return self._registered[name]
        if name in self._own:
            entry = self._own[name]
            if not isinstance(entry, str):
                return entry
            module, _, attribute = entry.partition(":")
            return getattr(import_module(module), attribute)
        return self._installed()[name].load()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._own, *self._installed(), *self._registered]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._registered or name in self._installed()

    def added(self) -> list[str]:
        """Returns the names that do not come with this package."""
        return [name for name in self if name not in self._own]

    def check(self, name: str) -> None:
        """Refuses an unknown name, without importing anything.

        Raises:
            InputError: there is no such entry; suggests the most similar name.
        """
        if name not in self:
            near = get_close_matches(str(name), list(self), n=1)
            known = f"available: {', '.join(self)}; `import` a file that registers another"
            hint = f"did you mean {near[0]!r}?" if near else known
            raise InputError(f"no {self.kind} {name!r}; {hint}")

    def find(self, name: str) -> Entry:
        """Returns an entry.

        Raises:
            InputError: there is no such entry; suggests the most similar name.
        """
        self.check(name)
        return self[name]

    def decorator(self, name: str) -> Callable[[Entry], Entry]:
        """Returns a decorator that registers its argument under a name."""
        return lambda entry: self.register(name, entry)

    def _installed(self) -> dict[str, object]:
        if self._plugins is None:
            from importlib.metadata import entry_points  # slow to import, and seldom needed

            self._plugins = {point.name: point for point in entry_points(group=self.group)}
        return self._plugins


HEADS = Registry(
    "head",
    "fusioncolor.heads",
    {
        "regression": "fusioncolor.models.heads:RegressionHead",
        "classification": "fusioncolor.models.heads:ClassificationHead",
    },
)
BASELINES = Registry(
    "baseline",
    "fusioncolor.baselines",
    {
        "gray": "fusioncolor.models.baselines:Gray",
        "mean": "fusioncolor.models.baselines:Mean",
        "random": "fusioncolor.models.baselines:Random",
        "welsh": "fusioncolor.models.baselines:Welsh",
        "oracle_mean": "fusioncolor.models.baselines:OracleMean",
    },
)
REFINEMENTS = Registry(
    "refinement",
    "fusioncolor.refinements",
    {
        "segment": "fusioncolor.refinement:segment",
        "chrominance": "fusioncolor.refinement:chrominance",
        "peaks": "fusioncolor.refinement:peaks",
    },
)
FORMATS = Registry(  # image formats that can be written
    "format",
    "fusioncolor.formats",
    {
        "jpg": "fusioncolor.images.formats:JPEG",
        "png": "fusioncolor.images.formats:PNG",
        "tif": "fusioncolor.images.formats:TIFF",
        "webp": "fusioncolor.images.formats:WEBP",
        "bmp": "fusioncolor.images.formats:BMP",
    },
)
READ_ONLY_FORMATS = Registry("format", "fusioncolor.read_only_formats", {"gif": "fusioncolor.images.formats:GIF"})
