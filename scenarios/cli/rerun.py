"""The command ``potline rerun``: repeat a run from its file alone."""

import typer

from scenarios.cli import options


def rerun(
    result: options.Result,
    threads: options.Threads = None,
    language: options.Language = None,
) -> None:
    """Repeat a run from its file alone, and say whether every bit agrees.

    Example: potline rerun results/china_grid_mixes

    Example: potline rerun results/china_grid_mixes --threads 1
    """
    import os
    import tempfile
    from pathlib import Path

    from scenarios.loading.restore import study_of
    from scenarios.results.agreement import agreement
    from scenarios.results.file import ZARR, open_result, result_file, write_store

    if threads is not None and threads < 1:
        raise options.OptionError(f"--threads {threads}: one or more")
    words = options.words()
    stored = open_result(result)
    study = study_of(stored)
    count = threads or os.cpu_count() or 1
    # draws beyond memory go where there was room for them before
    beside = result_file(result).parent
    with tempfile.TemporaryDirectory(dir=beside, prefix=".rerun-") as name:
        draws = Path(name) / "draws.zarr" if stored.store == "zarr" else None
        again = study.run(threads=count, store=stored.store, folder=draws)
        if draws is not None:
            write_store(again, draws, Path(name) / ZARR)
            again = open_result(Path(name) / ZARR)
        found = agreement(stored, again)
    if found.exact:
        kept = "statistics" if stored.store == "summary" else "all"
        what = words(f"commands.agrees_in.{kept}")
        print(words("commands.agrees", count=found.numbers, what=what))
        return
    worst, where = f"{found.worst:.3g}", options.message(found.where)
    print(words("commands.differs", count=found.numbers, worst=worst, where=where))
    raise typer.Exit(1)
