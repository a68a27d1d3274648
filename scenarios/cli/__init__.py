"""The command line: read, run, write, print; no arithmetic.

Every import of weight stands inside the command that needs it, so that ``--help``
answers at once.
"""

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
import typer.core

from scenarios.cli import options, output
from scenarios.cli.check import check
from scenarios.cli.compare import compare
from scenarios.cli.discover import discover
from scenarios.cli.examples import examples
from scenarios.cli.explore import explore
from scenarios.cli.export import export
from scenarios.cli.fit import fit
from scenarios.cli.import_table import import_
from scenarios.cli.init import init
from scenarios.cli.judge import judge
from scenarios.cli.library import library
from scenarios.cli.plan import plan
from scenarios.cli.plot import kinds, plot
from scenarios.cli.report import report
from scenarios.cli.rerun import rerun
from scenarios.cli.run import Interrupted, run
from scenarios.cli.schema import schema
from scenarios.cli.sensitivity import sensitivity
from scenarios.cli.sheet import sheet
from scenarios.cli.show import show

INTERRUPTED = 130

TASKS = {
    "begin": (examples, init, library, import_, sheet, schema),
    "run": (check, run, show, rerun),
    "explain": (compare, sensitivity, plan, discover, judge, fit),
    "share": (plot, report, explore, export),
}
"""Commands by what a person is about to do."""

Usage: type[Any] = typer.BadParameter.__base__ or Exception
"""What typer raises for options and arguments that it cannot read."""


class Command(typer.core.TyperCommand):
    """A command whose help is in the language of the call."""

    def get_help(self, ctx: Any) -> str:
        """Help as typer formats it."""
        with _help(self) as shown:
            return shown(super().get_help(ctx))


class Plot(Command):
    """The command that lists the kinds of figures in its help."""

    def get_help(self, ctx: Any) -> str:
        """Help as typer formats it, and the kinds."""
        return super().get_help(ctx) + kinds()


class Group(typer.core.TyperGroup):
    """All commands, with help in the language of the call."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Commands by task, each with the whole first line of its help."""
        words = options.words()
        for task, commands in TASKS.items():
            names = (command.__name__.rstrip("_") for command in commands)
            with formatter.section(words(f"commands.tasks.{task}")):
                formatter.write_dl(
                    [(n, self.commands[n].get_short_help_str(200)) for n in names]
                )

    def get_help(self, ctx: Any) -> str:
        """Help as typer formats it."""
        with _help(self) as shown:
            return shown(super().get_help(ctx))


@contextmanager
def _help(command: Any) -> Iterator[Callable[[str], str]]:
    """Texts of a command in the language of the call, and what to do with its help."""
    if options.LANGUAGE.get() == "en":
        yield str
        return
    from scenarios.words.help import translate, translate_heads

    translate(command)
    yield translate_heads


app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
for command in (one for task in TASKS.values() for one in task):
    shown = Plot if command is plot else Command
    app.command(command.__name__.rstrip("_"), cls=shown)(command)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"potline {version('potline')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
    language: options.Language = None,
) -> None:
    """Carbon footprints of products, with uncertainty intervals you can defend."""


def main() -> None:
    """Entry point: errors raised on purpose are printed without a traceback."""
    from scenarios.errors import ConfigError, ScenarioError
    from uncertainty.errors import ClusterError, ModelError, UncertaintyError

    options.LANGUAGE.set("en")
    # notebooks name a backend that only they have; a command draws with its own
    os.environ["MPLBACKEND"] = "agg"
    output.prepare()
    try:
        options.speak(os.environ.get(options.ENVIRONMENT) or None)
        _refuse_empty(sys.argv[1:])
        with _interruptible():
            code = app(standalone_mode=False)
        output.flush()
    except output.Lost as error:
        output.give_up()
        _fail(error.message(options.words()), 1)
    except (Interrupted, typer.Abort, KeyboardInterrupt) as error:
        _fail(str(error) or _interrupted(), INTERRUPTED)
    except Usage as error:
        _usage(error)
    except (ModelError, ClusterError) as error:
        _failed(options.message(str(error)))
    except ConfigError as error:
        _fail(options.faults(error), 2)
    except (ScenarioError, UncertaintyError) as error:
        _fail(options.message(str(error)), 2)
    except MemoryError:
        _failed(options.words()("commands.memory"))
    except OSError as error:  # a file that vanished, or a disk that is full
        what = ": ".join(str(t) for t in (error.filename, error.strerror) if t)
        _failed(options.message(what or str(error)))
    if code == INTERRUPTED:  # typer leaves with it, and prints nothing
        _fail(_interrupted(), INTERRUPTED)
    if code:
        sys.exit(code)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C: what was begun is cleared away, and said.

    An interrupt that falls into compiled code or a finaliser may come out as another
    error, none of what was read, or be dropped; it is then made again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook, asked = sys.unraisablehook, threading.Event()

    def stop(number: int, frame: Any) -> None:
        asked.set()
        raise KeyboardInterrupt

    def again(dropped: "sys.UnraisableHookArgs") -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            threading.Timer(0.01, _thread.interrupt_main).start()
        else:
            hook(dropped)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    sys.unraisablehook = again
    try:
        yield
    except Interrupted:  # it has said what is kept
        raise
    except Exception:
        if asked.is_set():
            raise KeyboardInterrupt from None
        raise
    finally:
        sys.unraisablehook = hook
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _interrupted() -> str:
    """What a command that was stopped has left behind."""
    from scenarios.cli.run import PARTIAL
    from scenarios.export.run_folder import STAGE

    words = options.words()
    # an import that was stopped half way may not be tried again
    written = getattr(sys.modules.get("uncertainty.storage"), "WRITTEN", ())
    hidden = (STAGE, PARTIAL)
    files = [
        str(path)
        for path in written
        if not any(part.startswith(hidden) for part in path.parts)
    ]
    if not files:
        return words("commands.interrupted")
    return words("commands.interrupted_after", files=words.join(files))


def _refuse_empty(arguments: list[str]) -> None:
    """Refuse an option with nothing behind it: an empty path is the folder itself."""
    for i, text in enumerate(arguments):
        if text == "" or (text.startswith("--") and text.endswith("=")):
            before = arguments[i - 1] if text == "" and i else text
            raise options.OptionError(f"{before}: is empty; write a value, or leave it")


def _usage(error: Any) -> NoReturn:
    """Print how a command is called, and what is wrong with the call."""
    alone = type(error).__name__ == "NoArgsIsHelpError"  # holds nothing but the help
    if options.LANGUAGE.get() == "en" or error.ctx is None or alone:
        error.show()
        sys.exit(2)
    words = options.words()
    usage = error.ctx.get_usage().replace("Usage:", words("commands.usage"))
    print(usage, file=sys.stderr)
    print(words("commands.try", command=error.ctx.command_path), file=sys.stderr)
    text = options.message(error.format_message())
    _fail("\n" + words("commands.error", message=text), 2)


def _failed(reason: str) -> NoReturn:
    """End a run that cannot go on."""
    _fail(options.words()("commands.failed", reason=reason), 1)


def _fail(message: str, code: int) -> NoReturn:
    print(options.printable(message), file=sys.stderr)
    sys.exit(code)
