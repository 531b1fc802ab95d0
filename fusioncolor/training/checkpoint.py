"""Everything that decides how a training continues, saved often enough that a kill costs little.

A state is one file, `<epoch>-<step>-<hash>.npz`: weights, optimizer, running metrics, and values of the callbacks. Its
name, given when it is complete, holds its SHA-256. The state before is kept in case the newest is damaged.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.distribution import ALONE, Group
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter

_KEPT = 2  # states
_DIGITS = 16  # of the hash
_REMEMBERED = {  # by callback: attributes that `fit` would start afresh
    "ReduceLROnPlateau": ("best", "wait", "cooldown_counter"),
    "EarlyStopping": ("best", "wait", "best_epoch", "stopped_epoch"),
    "Save": ("best",),
    "Log": ("rows",),
}


@dataclass(frozen=True)
class State:
    """A moment of a training.

    Attributes:
        epoch: the epoch, from 0.
        step: the next step of the epoch, from 0.
        arrays: variables of network, optimizer and metrics, in their order.
        facts: as JSON takes it: `colorizer` (its description), `remembered` (attributes by callback), `finished` (bool)
            and `backend` (its name).
    """

    epoch: int
    step: int
    arrays: list[np.ndarray]
    facts: dict

    def restore_network(self, network: keras.Model) -> None:
        """Sets the weights of the whole network.

        Raises:
            InputError: the arrays do not fit.
        """
        self._assign(network.variables, self.arrays[: len(network.variables)])

    def restore(self, network: keras.Model, fitted: keras.Model) -> list[np.ndarray]:
        """Sets the weights of the whole network, and the optimizer of its fitted part.

        Args:
            network: whole network.
            fitted: fitted part, with its optimizer built.

        Returns:
            The running metrics.

        Raises:
            InputError: the arrays do not fit.
        """
        variables = [*network.variables, *fitted.optimizer.variables]
        self._assign(variables, self.arrays[: len(variables)])
        return self.arrays[len(variables) :]

    @staticmethod
    def _assign(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray]) -> None:
        if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:
            raise InputError("this state is from another version of fusioncolor or Keras: begin a new run")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def write(run: RunFolder, state: State) -> None:
    """Saves a state, and removes all others but the one before; after the end of the training, that one too.

    Raises:
        InputError: the folder cannot be written to.
    """
    files.require_space(run.state, sum(array.nbytes for array in state.arrays) + (1 << 20))
    name = f"{state.epoch:05}-{state.step:07}"
    new = run.state / "new.npz"
    arrays = {f"array-{index:04}": array for index, array in enumerate(state.arrays)}
    with files.replacing(new) as temporary:
        np.savez(temporary, facts=np.array(json.dumps(state.facts)), **arrays)
    files.move(new, run.state / f"{name}-{files.sha256(new)[:_DIGITS]}.npz")
    for old in run.states()[1 if state.facts["finished"] else _KEPT :]:
        files.remove(old)


def newest(run: RunFolder, *, reporter: Reporter = SILENT) -> State | None:
    """Reads the newest undamaged state, and sets damaged ones aside; None if there is no state."""
    for path in run.states():
        epoch, step, digest = path.stem.split("-")
        if files.sha256(path)[:_DIGITS] != digest:
            reporter.warning(f"{path} is damaged: continuing from the state before")
            run.set_aside(path)
            continue
        with np.load(path, allow_pickle=False) as stored:
            names = sorted(name for name in stored if name != "facts")
            arrays = [stored[name] for name in names]
            return State(int(epoch), int(step), arrays, json.loads(str(stored["facts"])))
    return None


class Checkpoint(keras.callbacks.Callback):
    """Saves the state between epochs and every few steps, restores it, and stops the training on request.

    Must be the last callback: changes that others make at the same moment are part of the state.
    """

    def __init__(
        self,
        run: RunFolder,
        colorizer: Colorizer,
        others: Sequence[keras.callbacks.Callback],
        *,
        steps: int,
        every: int,
        interrupt: Interrupt,
        group: Group = ALONE,
    ) -> None:
        """Prepares to save.

        Args:
            run: run folder.
            colorizer: its whole network is saved, even if only a part is fitted.
            others: callbacks before this one.
            steps: steps per epoch.
            every: steps between saves.
            interrupt: checked after every step.
            group: processes that train together; the first saves, and all stop if one is asked to.
        """
        super().__init__()
        self.run = run
        self.colorizer = colorizer
        self.steps = steps
        self.every = every
        self.interrupt = interrupt
        self.group = group
        self.others = {type(other).__name__: other for other in others if type(other).__name__ in _REMEMBERED}
        self.remembered: dict[str, dict] = {}
        self.metrics: list[np.ndarray] = []
        self.epoch = 0
        self.step = 0
        self.loss = np.nan
        self.saved: tuple[int, int] | None = None

    def restore(self, state: State, fitted: keras.Model) -> None:
        """Restores network and optimizer; metrics and callbacks follow when `fit` begins.

        Args:
            state: state to restore.
            fitted: compiled model, with its optimizer built.

        Raises:
            InputError: the state does not fit.
        """
        self.metrics = state.restore(self.colorizer.network, fitted)
        self.remembered = state.facts["remembered"]
        self.epoch = state.epoch
        self.step = state.step
        self.saved = (state.epoch, state.step)

    def on_train_begin(self, logs=None):  # noqa: D102
        for name, values in self.remembered.items():
            for attribute, value in values.items():
                setattr(self.others[name], attribute, value)

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        if epoch != self.epoch:
            self.epoch = epoch
            self.step = 0
        for variable, array in zip(self.model.metrics_variables, self.metrics, strict=False):
            variable.assign(array)  # the sums of an epoch that began before the interruption
        self.metrics = []
        asked = self._is_asked_to_stop()
        if self.epoch or self.step or asked:  # a run can always begin again
            self._save()
            self._stop_if(asked)

    def on_train_batch_end(self, batch, logs=None):  # noqa: D102
        self.step += 1
        self.loss = logs["loss"]
        if self.step == self.steps or not np.isfinite(self.loss):  # the end of an epoch is saved when the next begins
            return
        asked = self._is_asked_to_stop()
        if asked or self.step % self.every == 0:
            self._save()
            self._stop_if(asked)

    def on_train_end(self, logs=None):  # noqa: D102
        self.remembered = self._remember()

    def forget_best(self) -> None:
        """Lets the callbacks find a new best value: losses at another size do not compare."""
        for values in self.remembered.values():
            values.update({name: None if name == "best" else 0 for name in values if name in ("best", "wait")})

    def finish(self) -> None:
        """Saves the state after the last epoch."""
        self.epoch += 1
        self.step = 0
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
            "backend": keras.backend.backend(),
        }
        if self.group.leads:
            write(self.run, State(self.epoch, self.step, arrays, facts))
        self.saved = (self.epoch, self.step)

    def _is_asked_to_stop(self) -> bool:
        """Tells whether any process was asked to stop; all come here at the same step."""
        return self.group.any(self.interrupt.requested)

    def _stop_if(self, asked: bool) -> None:
        if asked:
            self.group.wait("saved")
            raise KeyboardInterrupt(f"saved after epoch {self.epoch}, step {self.step}")


def _plain(value):
    return value if value is None or isinstance(value, list | int) else float(value)
