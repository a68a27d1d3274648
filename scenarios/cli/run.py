"""The command ``potline run``: draw, propagate, reduce, and leave a result behind."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from scenarios.errors import ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.model.study import Study
    from uncertainty.workers.blocks import Runner

StoreName = Literal["full", "summary", "zarr"]
PARTIAL = ".partial"
"""Folder, in that of the result, with the blocks of a run that is not whole."""


class RunError(ScenarioError):
    """Options of a run that cannot be met."""


class Interrupted(Exception):
    """A run was asked to stop."""


def run(
    config: Annotated[Path, typer.Argument(help="A study's YAML file.")],
    draws: Annotated[int | None, typer.Option(help="Number of draws.")] = None,
    seed: Annotated[int | None, typer.Option(help="Root seed, 0 or more.")] = None,
    design: Annotated[
        str | None, typer.Option(help="sobol, latin_hypercube or random.")
    ] = None,
    store: Annotated[
        str,
        typer.Option(
            help="full: every draw; summary: statistics only, whatever the number of "
            "draws; zarr: draws on disk as they come."
        ),
    ] = "full",
    threads: Annotated[
        int | None, typer.Option(help="Threads; the bits do not depend on it.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Dask processes on this machine, in place of threads."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder; default results/<config's name>.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ID=VALUE", help="Set an input or a supply."),
    ] = None,
    point: Annotated[
        bool, typer.Option("--point", help="Every input at its point value.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no table.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Where data files may lie beside the config's folder.",
        ),
    ] = None,
) -> None:
    """Run a study: footprint with its interval, scenario by scenario.

    Example: potline run configs/china_grid_mixes.yaml --draws 65536 --seed 7
    """
    from scenarios.export.run_folder import check_folder
    from scenarios.loading.load import load

    kind = _options(store, threads, workers, scheduler)
    folder = out or Path("results") / config.stem
    check_folder(folder)
    settings = {"draws": draws, "seed": seed, "design": design}
    study = load(
        config, _assignments(set_ or []), settings, data_dir=data_dir, point=point
    )
    for text in study.warnings:
        print(f"warning: {text}", file=sys.stderr)
    with _who(threads, workers, scheduler) as runner:
        tree = _run(study, kind, folder, runner, resume=resume, quiet=quiet or as_json)
    if as_json:
        from scenarios.results.rows import as_object

        print(
            json.dumps(as_object(tree), indent=2, ensure_ascii=False, allow_nan=False)
        )
    elif not quiet:
        _tell(study, tree, folder)


def _run(
    study: "Study",
    store: StoreName,
    folder: Path,
    runner: "Runner",
    *,
    resume: bool,
    quiet: bool,
) -> "xr.DataTree":
    """Run and write, or keep what is done so far."""
    from scenarios.cli.progress import bar
    from scenarios.export.run_folder import write
    from uncertainty.workers.checkpoint import Checkpoint

    partial = Checkpoint(folder / PARTIAL, study.identity(store))
    done = partial.begin(resume=resume)
    if resume:
        told = f"goes on: {done} blocks are there" if done else "nothing to go on from"
        print(told, file=sys.stderr)
    chunks = partial.folder / "draws.zarr" if store == "zarr" else None
    kept = partial.over(runner, without=("draws",) if chunks else ())
    try:
        with (
            _terminable(),
            bar(study.name, study.settings.draws, quiet=quiet) as told_of,
        ):
            tree = study.run(
                store=store,
                folder=chunks,
                threads=os.cpu_count() or 1,
                runner=kept,
                progress=told_of,
            )
            write(tree, folder, chunks)
    except KeyboardInterrupt:
        count = partial.count()
        raise Interrupted(
            f"interrupted; {count} finished blocks are kept, go on with --resume"
            if count
            else "interrupted; nothing was written"
        ) from None
    partial.end()
    return tree


def _tell(study: "Study", tree: "xr.DataTree", folder: Path) -> None:
    from scenarios.cli.options import make
    from scenarios.words import run as words

    console = make()
    words.summary(tree, console)
    words.notes(tree, console)
    words.first_order(tree, console)
    words.claims(tree, console)
    for line in words.parting(study, tree):
        console.print(line)
    name = "results.zarr" if tree.attrs["store"] == "zarr" else "results.nc"
    console.print(
        f"Written to {folder}: {name}, summary.csv, config.yaml and pictures",
        soft_wrap=True,
    )


def _options(
    store: str, threads: int | None, workers: int | None, scheduler: str | None
) -> StoreName:
    """Say all that is wrong with how a run is to be made."""
    from uncertainty.errors import nearest

    faults = []
    known: tuple[StoreName, ...] = get_args(StoreName)
    if store not in known:
        told = f"{nearest(store, known)}; there are {', '.join(known)}"
        faults.append(f"--store {store}{told}")
    for name, count in (("--threads", threads), ("--workers", workers)):
        if count is not None and count < 1:
            faults.append(f"{name} {count}: one or more")
    if workers is not None and scheduler is not None:
        faults.append("--workers starts a cluster and --scheduler names one: take one")
    if threads is not None and (workers is not None or scheduler is not None):
        faults.append("--threads is of this process: leave it out beside workers")
    if faults:
        raise RunError("\n".join(faults))
    return next(word for word in known if word == store)


@contextmanager
def _who(
    threads: int | None, workers: int | None, scheduler: str | None
) -> Iterator["Runner"]:
    """Threads of this process, or the workers that are asked for."""
    if workers is None and scheduler is None:
        from uncertainty.workers.blocks import Threads

        yield Threads(threads or os.cpu_count() or 1)
        return
    from uncertainty.workers.cluster import connected

    with connected(scheduler, workers) as cluster:
        yield cluster


@contextmanager
def _terminable() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C, so that what is done is kept and said."""

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _assignments(stated: list[str]) -> dict[str, str]:
    found, faults = {}, []
    for text in stated:
        id, sign, value = text.partition("=")
        if not sign or not id.strip() or not value.strip():
            faults.append(f"--set {text}: write id=value")
        found[id.strip()] = value.strip()
    if faults:
        raise RunError("\n".join(faults))
    return found
