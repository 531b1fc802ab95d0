"""Tables of contents: what comes under which name, and where it is defined.

An entry is found here by name and imported on first use, so that help texts and checks of arguments need no Keras.
Other packages add entries with the `register_...` functions, or with an entry point of the registry's group in their
`pyproject.toml`.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from fusioncolor.errors import InputError

Entry = TypeVar("Entry")


class Registry(Mapping, Generic[Entry]):
    """Names -> entries: the package's own, then those of installed packages, then those registered at run time.

    Attributes:
        kind: what an entry is, in messages.
        group: of the entry points that other packages declare.
    """

    def __init__(self, kind: str, group: str, own: Mapping[str, str | Entry]) -> None:
        """Lists the package's own entries.

        Args:
            kind: what an entry is, in messages.
            group: name of the entry-point group.
            own: entries by name, or "module:object" where they are defined.
        """
        self.kind, self.group = kind, group
        self._own = dict(own)
        self._registered: dict[str, Entry] = {}
        self._plugins: dict[str, object] | None = None

    def register(self, name: str, entry: Entry) -> Entry:
        """Adds an entry and returns it.

        Raises:
            InputError: the name is taken.
        """
        if name in self:
            raise InputError(f"there is a {self.kind} {name!r} already: choose another name")
        self._registered[name] = entry
        return entry

    def unregister(self, name: str) -> None:
        """Removes an entry that was registered at run time."""
        del self._registered[name]

    def __getitem__(self, name: str) -> Entry:
        """The entry of that name, imported now if it was not before.

        Raises:
            KeyError: there is none; `find` says so in a sentence.
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

    def check(self, name: str) -> None:
        """Refuses a name that is not there, without importing anything.

        Raises:
            InputError: there is no such entry; names the nearest one.
        """
        if name not in self:
            near = get_close_matches(str(name), list(self), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self)}"
            raise InputError(f"no {self.kind} {name!r}; {hint}")

    def find(self, name: str) -> Entry:
        """Returns the entry of that name.

        Raises:
            InputError: there is no such entry; names the nearest one.
        """
        self.check(name)
        return self[name]

    def decorator(self, name: str) -> Callable[[Entry], Entry]:
        """Registers what it decorates under a name."""
        return lambda entry: self.register(name, entry)

    def _installed(self) -> dict[str, object]:
        if self._plugins is None:
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
FORMATS = Registry(  # of images that are written; `fusioncolor.images.formats` has their rows
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
