"""The command ``potline run``: draw, propagate, reduce, and leave a result behind."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from scenarios.cli import options

if TYPE_CHECKING:
    from scenarios.export.drawing import Drawing
    from scenarios.model.study import Study
    from scenarios.results.result import Result
    from uncertainty.workers.blocks import Runner

StoreName = Literal["full", "summary", "zarr"]
PRECISIONS = ("double", "single")
PARTIAL = ".partial"
"""Folder, in that of the result, with the blocks of a run that is not complete."""


class Interrupted(Exception):
    """A run was asked to stop."""


def run(
    config: options.Config,
    draws: options.Draws = None,
    seed: options.Seed = None,
    design: options.Design = None,
    store: options.Store = "full",
    precision: options.Precision = "double",
    threads: options.Threads = None,
    workers: options.Workers = None,
    scheduler: options.Scheduler = None,
    resume: options.Resume = False,
    out: options.RunFolder = None,
    set_: options.Set = None,
    point: options.Point = False,
    strict: options.Strict = False,
    figures: options.Figures = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Run a study: footprint with its interval, scenario by scenario.

    Example: potline run configs/china_grid_mixes.yaml --draws 65536 --seed 7

    Example: potline run study.yaml --set smelting.power=hydro_contract --figures none
    """
    from scenarios.export.drawing import Drawing
    from scenarios.export.run_folder import alone, check_folder

    kind = _store(store, precision, threads, workers, scheduler)
    quiet = quiet or as_json
    formats = options.formats(figures, drawn=not quiet)
    folder = out or Path("results") / config.stem
    check_folder(folder)
    # before numbers are imported: it may be a process
    drawing = Drawing(formats, options.LANGUAGE.get())
    from scenarios.loading.load import load

    settings = {"draws": draws, "seed": seed, "design": design}
    study = load(
        config,
        options.assignments("--set", set_ or ()),
        settings,
        data_dir=data_dir,
        point=point,
        strict=strict,
    )
    for text in study.warnings:
        warning = options.words()("common.warning", text=options.message(text))
        print(options.printable(warning), file=sys.stderr)
    with alone(folder), _runner(threads, workers, scheduler) as runner:
        result = _run(
            study,
            kind,
            folder,
            runner,
            drawing,
            precision=precision,
            resume=resume,
            quiet=quiet,
        )
    if "png" in formats:
        _boxes(result)
    if as_json:
        options.print_json(result.as_object())
    elif not quiet:
        spoken = result.in_language(options.LANGUAGE.get())
        _print(study, spoken, folder, drawn=bool(formats))


def _boxes(result: "Result") -> None:
    """Say which letters of labels a PNG cannot show."""
    texts = [result.title, *result.labels.values()]
    if all(text.isascii() for text in texts):
        return
    from scenarios.figures.base.style import boxes

    if missing := boxes(texts):
        text = options.words()("commands.boxes", letters=missing[:20])
        print(text, file=sys.stderr)


def _run(
    study: "Study",
    store: StoreName,
    folder: Path,
    runner: "Runner",
    drawing: "Drawing",
    *,
    precision: str,
    resume: bool,
    quiet: bool,
) -> "Result":
    """Run and write, or keep what is done so far."""
    from scenarios.cli.progress import bar
    from scenarios.export.run_files import write
    from uncertainty.workers.checkpoint import Checkpoint

    partial = Checkpoint(folder / PARTIAL, study.identity(store))
    done = partial.begin(resume=resume)
    if resume:
        key = "commands.continues" if done else "commands.nothing_to_resume"
        print(options.words()(key, count=done), file=sys.stderr)
    chunks = partial.folder / "draws.zarr" if store == "zarr" else None
    kept = partial.over(runner, without=("draws",) if chunks else ())
    try:
        with bar(study.name, study.settings.draws, quiet=quiet) as progress:
            result = study.run(
                store=store,
                folder=chunks,
                threads=os.cpu_count() or 1,
                runner=kept,
                progress=progress,
            )
            command = shlex.join(["potline", *sys.argv[1:]])
            known = {"command": command, "precision": precision}
            known = {**result.attributes, **known}
            result = replace(result, attributes=known)
            lost = write(result, folder, chunks, drawing)
    except KeyboardInterrupt:
        if count := partial.count():
            raise Interrupted(options.words()("commands.kept", count=count)) from None
        raise
    partial.end()
    options.tell_lost(lost)
    return result


def _print(study: "Study", result: "Result", folder: Path, *, drawn: bool) -> None:
    from scenarios.words import run as lines
    from scenarios.words.finding import finding

    words, console = options.words(), options.make()
    for block in (
        finding(result, words),
        lines.summary(result, words),
        lines.notes(result, words),
        lines.first_order(result, words),
        lines.claims(result, words),
        lines.parting(study, result, words),
    ):
        for line in block:
            console.print(line)
    name = "results.zarr" if result.store == "zarr" else "results.nc"
    files = [name, "summary.csv", "config.yaml"]
    files += [words("common.figures")] if drawn else []
    written = words("common.written", folder=folder, files=words.join(files))
    console.print(written, soft_wrap=True)


def _store(
    store: str,
    precision: str,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
) -> StoreName:
    """The store that is asked for; every fault of how to run at once."""
    from uncertainty.errors import nearest

    faults = []
    known: tuple[StoreName, ...] = get_args(StoreName)
    if store not in known:
        near = nearest(store, known)
        faults.append(f"--store {store}{near}; there are {', '.join(known)}")
    if precision not in PRECISIONS:
        near = nearest(precision, PRECISIONS)
        faults.append(
            f"--precision {precision}{near}; there are {', '.join(PRECISIONS)}"
        )
    elif precision == "single" and store != "full":
        faults.append("--precision single: only --store full keeps draws in one file")
    for name, count in (("--threads", threads), ("--workers", workers)):
        if count is not None and count < 1:
            faults.append(f"{name} {count}: one or more")
    if workers is not None and scheduler is not None:
        faults.append("--workers starts a cluster and --scheduler names one: take one")
    if threads is not None and (workers is not None or scheduler is not None):
        faults.append("--threads is of this process: leave it out beside workers")
    if faults:
        raise options.OptionError("\n".join(faults))
    return next(word for word in known if word == store)


@contextmanager
def _runner(
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
