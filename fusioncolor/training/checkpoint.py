"""Everything that decides how a training goes on, saved so often that a kill costs little, and nothing is lost.

A state is one file, `state/<epoch>-<step>-<hash>.npz`: weights, optimizer, running metrics, and what the callbacks
remember. It is written beside, and renamed when it is complete; its name holds its SHA-256. The one before is kept, for
the case that the newest is damaged.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fusioncolor import files, run_folder
from fusioncolor.errors import InputError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.runtime.interrupts import Interrupt

_KEPT = 2
_DIGITS = 16  # of the hash
_REMEMBERED = {  # by callback: the attributes that Keras, or we, would begin anew
    "ReduceLROnPlateau": ("best", "wait", "cooldown_counter"),
    "EarlyStopping": ("best", "wait", "best_epoch", "stopped_epoch"),
    "Save": ("best",),
    "Log": ("rows",),
}


@dataclass(frozen=True)
class State:
    """A moment of a training.

    Attributes:
        epoch: from 0.
        step: of the epoch, from 0: the next one to do.
        arrays: of weights, optimizer and metrics, in their order.
        facts: what was built, what the callbacks remember, whether the training is finished.
    """

    epoch: int
    step: int
    arrays: list[np.ndarray]
    facts: dict

    def restore_network(self, network: keras.Model) -> None:
        """Sets the weights.

        Raises:
            InputError: they do not fit.
        """
        self._assign(network.variables, self.arrays[: len(network.variables)])

    def restore(self, network: keras.Model, fitted: keras.Model) -> list[np.ndarray]:
        """Sets the weights of the whole network, and the optimizer of what is fitted of it, which has to be built.

        Returns:
            The running metrics.

        Raises:
            InputError: they do not fit.
        """
        variables = [*network.variables, *fitted.optimizer.variables]
        self._assign(variables, self.arrays[: len(variables)])
        return self.arrays[len(variables) :]

    @staticmethod
    def _assign(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray]) -> None:
        if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:
            raise InputError("this state is of another version of fusioncolor or Keras; begin a new run")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def write(run: Path, state: State) -> None:
    """Saves a state, and drops all but the one before, or all when the training is finished.

    Raises:
        InputError: the folder cannot be written to.
    """
    folder = run / run_folder.STATE
    files.require_space(folder, sum(array.nbytes for array in state.arrays) + (1 << 20))
    name = f"{state.epoch:05}-{state.step:07}"
    new = folder / "new.npz"
    arrays = {f"array-{index:04}": array for index, array in enumerate(state.arrays)}
    with files.replacing(new) as temporary, open(temporary, "wb") as file:
        np.savez(file, facts=np.array(json.dumps(state.facts)), **arrays)
    new.rename(folder / f"{name}-{files.sha256(new)[:_DIGITS]}.npz")
    for old in _files(run)[1 if state.facts["finished"] else _KEPT :]:
        old.unlink(missing_ok=True)


def newest(run: Path) -> State | None:
    """The newest state that is whole; None if there is none."""
    for path in _files(run):
        epoch, step, digest = path.stem.split("-")
        if files.sha256(path)[:_DIGITS] != digest:
            print(f"warning: {path} is damaged; going on from the state before", file=sys.stderr)
            path.rename(path.with_suffix(".damaged"))
            continue
        with np.load(path, allow_pickle=False) as stored:
            names = sorted(name for name in stored if name != "facts")
            arrays = [stored[name] for name in names]
            return State(int(epoch), int(step), arrays, json.loads(str(stored["facts"])))
    return None


def _files(run: Path) -> list[Path]:
    """The files of states, the newest first."""
    return sorted((run / run_folder.STATE).glob("[0-9]*-[0-9]*-*.npz"), key=lambda path: path.name, reverse=True)


class Checkpoint(keras.callbacks.Callback):
    """Saves the state between epochs and every so many steps, restores it, and ends the training on request.

    It has to be the last of the callbacks: what the others do at the same moment is part of the state.
    """

    def __init__(
        self,
        run: Path,
        colorizer: Colorizer,
        others: Sequence[keras.callbacks.Callback],
        *,
        steps: int,
        every: int,
        interrupt: Interrupt,
    ) -> None:
        """Prepares to save.

        Args:
            run: the run folder.
            colorizer: whose whole network is saved, also if only a part of it is fitted.
            others: the callbacks before this one.
            steps: of an epoch.
            every: so many steps to save.
            interrupt: asked after every step.
        """
        super().__init__()
        self.run, self.colorizer = run, colorizer
        self.steps, self.every, self.interrupt = steps, every, interrupt
        self.others = {type(other).__name__: other for other in others if type(other).__name__ in _REMEMBERED}
        self.remembered: dict[str, dict] = {}
        self.metrics: list[np.ndarray] = []
        self.epoch, self.step = 0, 0
        self.loss = np.nan
        self.saved: tuple[int, int] | None = None

    def restore(self, state: State, fitted: keras.Model) -> None:
        """Sets weights and optimizer of `fitted`, compiled and its optimizer built; the rest follows when `fit` begins.

        Raises:
            InputError: the state does not fit.
        """
        self.metrics = state.restore(self.colorizer.network, fitted)
        self.remembered = state.facts["remembered"]
        self.epoch, self.step = state.epoch, state.step
        self.saved = (state.epoch, state.step)

    def on_train_begin(self, logs=None):  # noqa: D102
        for name, values in self.remembered.items():
            for attribute, value in values.items():
                setattr(self.others[name], attribute, value)

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        if epoch != self.epoch:
            self.epoch, self.step = epoch, 0
        for variable, array in zip(self.model.metrics_variables, self.metrics, strict=False):
            variable.assign(array)  # of an epoch that was begun before
        self.metrics = []
        if self.epoch or self.step or self.interrupt.requested:  # the very beginning can be had again
            self._save()
            self._stop_if_asked()

    def on_train_batch_end(self, batch, logs=None):  # noqa: D102
        self.step += 1
        self.loss = logs["loss"]
        if self.step == self.steps or not np.isfinite(self.loss):  # an epoch's end is saved at the next one's begin
            return
        if self.interrupt.requested or self.step % self.every == 0:
            self._save()
            self._stop_if_asked()

    def on_train_end(self, logs=None):  # noqa: D102
        self.remembered = self._remember()

    def forget_best(self) -> None:
        """Lets the callbacks find a new best value: at another size, losses mean something else."""
        for values in self.remembered.values():
            values.update({name: None if name == "best" else 0 for name in values if name in ("best", "wait")})

    def finish(self) -> None:
        """Saves the state after the last epoch."""
        self.epoch, self.step = self.epoch + 1, 0
        self._save(finished=True)

    def _remember(self) -> dict:
        return {
            name: {attribute: _plain(getattr(other, attribute)) for attribute in _REMEMBERED[name]}
            for name, other in self.others.items()
        }

    def _save(self, *, finished: bool = False) -> None:
        if self.saved == (self.epoch, self.step):
            return
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()
        variables = [*self.colorizer.network.variables, *self.model.optimizer.variables, *self.model.metrics_variables]
        arrays = [keras.ops.convert_to_numpy(variable) for variable in variables]
        facts = {
            "colorizer": self.colorizer.description().as_json(),
            "remembered": self._remember(),
            "finished": finished,
        }
        facts["backend"] = keras.backend.backend()
        write(self.run, State(self.epoch, self.step, arrays, facts))
        self.saved = (self.epoch, self.step)

    def _stop_if_asked(self) -> None:
        if self.interrupt.requested:
            raise KeyboardInterrupt(f"saved after epoch {self.epoch}, step {self.step}")


def _plain(value):
    return value if value is None or isinstance(value, list | int) else float(value)
