"""Dask workers, here or elsewhere, that do the same blocks as threads would."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from uncertainty.errors import ClusterError
from uncertainty.workers.blocks import Block, Payload, Room, Take, Work

AHEAD = 4
"""Blocks in hand for each worker: what is done waits in its memory to be fetched."""


@dataclass(frozen=True)
class Cluster:
    """Workers of a Dask scheduler.

    Attributes
    ----------
    client : distributed.Client
    """

    client: Any

    def run(
        self, work: Work, todo: Sequence[Block], take: Take, room: Room | None = None
    ) -> None:
        """See `blocks.Runner.run`; draws come in arrays of their own.

        Raises
        ------
        ClusterError
            The scheduler or all workers are gone, or a block was lost too often.
        """
        from dask.distributed import KilledWorker, as_completed

        client = self.client
        # a task, not scattered data: a lost worker's copy is made again
        shared = client.submit(_same, work, pure=False)
        blocks = iter(todo)
        slots = AHEAD * max(len(client.nthreads()), 1)
        owner: dict[str, Block] = {}

        def send() -> Any | None:
            block = next(blocks, None)
            if block is None:
                return None
            future = client.submit(_work_out, shared, block, pure=False)
            owner[future.key] = block
            return future

        first = [future for _ in range(slots) if (future := send()) is not None]
        try:
            going = as_completed(first)
            for future in going:
                found = future.result()
                if (following := send()) is not None:
                    going.add(following)
                take(owner.pop(future.key), found)
                future.release()
        except KilledWorker as error:
            raise ClusterError(
                f"a block was lost with several workers one after the other ({error}); "
                "are they short of memory?"
            ) from error
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"the cluster is gone ({error})") from error


@contextmanager
def connected(
    scheduler: str | None = None, workers: int | None = None
) -> Iterator[Cluster]:
    """Workers for the time of a run.

    Parameters
    ----------
    scheduler : str, optional
        Address of a scheduler that runs already, such as ``tcp://10.0.0.1:8786``.
    workers : int, optional
        Processes to start on this machine, in place of that.

    Yields
    ------
    Cluster

    Raises
    ------
    ClusterError
        Dask is not installed, nobody answers at the address, or there is no worker.
    """
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError as error:
        raise ClusterError(
            "--workers and --scheduler take Dask: pip install 'potline[cluster]'"
        ) from error
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=5)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(f"{scheduler}: nobody answers ({error})") from error
        with client:
            if not client.nthreads():
                raise ClusterError(f"{scheduler}: the scheduler has no worker")
            yield Cluster(client)
        return
    local = LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    with local, Client(local) as client:
        yield Cluster(client)


def _same(work: Work) -> Work:
    return work


def _work_out(work: Work, block: Block) -> Payload:
    return work(block)
