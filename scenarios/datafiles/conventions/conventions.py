"""The table of conventions: one distribution in the fields of every format.

One lognormal of median m and sd s of ln x is a ``loc`` of ln m to one tool, an ``xsd``
of exp(2 s) to another, a ``variance`` of s^2 to a third. Which is meant is always said
by the convention's name, never read off the numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import scenarios.datafiles.conventions.brightway as brightway
import scenarios.datafiles.conventions.ipcc as ipcc
import scenarios.datafiles.conventions.libraries as libraries
import scenarios.datafiles.conventions.openlca as openlca
import scenarios.datafiles.conventions.simapro as simapro
import scenarios.datafiles.conventions.spold as spold
from scenarios.datafiles.conventions.fields import (
    ExchangeError,
    Fields,
    meanings,
    nearest_or_all,
)
from scenarios.datafiles.conventions.statement import Statement, state
from uncertainty.distributions import Marginal
from uncertainty.errors import DistributionError

FORMAT = "format"
"""Key of the config form that names the convention."""


@dataclass(frozen=True)
class Convention:
    """How one format states a distribution.

    Attributes
    ----------
    name, title : str
        As a config names it, and for people.
    fields : mapping of str to str
        Every field with what it holds.
    takes : mapping of str to frozenset of str
        Families that can be written, each with the modifiers (``bounds``, ``negate``,
        ``offset``) that the format can hold with it.
    reader, writer : callable
        Fields to a statement, and a statement to fields.
    note : str
        What a user of the format should know.
    """

    name: str
    title: str
    fields: Mapping[str, str]
    takes: Mapping[str, frozenset[str]]
    reader: Callable[[Fields], Statement]
    writer: Callable[[Statement], dict[str, object]]
    note: str

    def statement(self, fields: Mapping[str, object]) -> Statement:
        """Family and parameters, as a config says them; checked."""
        said = self.reader(Fields(self.title, fields, self.fields))
        try:
            said.marginal()
        except DistributionError as error:
            raise ExchangeError(f"{self.title}: {error}", error.parameter) from error
        return said

    def read(self, fields: Mapping[str, object]) -> Marginal:
        """The distribution that the fields state.

        Raises
        ------
        ExchangeError
            A field is unknown, missing or impossible, or the law is not supported.
        """
        return self.statement(fields).marginal()

    def write(self, marginal: Marginal) -> dict[str, object]:
        """The fields that state a distribution.

        Raises
        ------
        ExchangeError
            The format has no such law, or cannot hold what is done to it.
        """
        said = state(marginal)
        if said.family not in self.takes:
            held = ", ".join(self.takes)
            text = f"{self.title} cannot hold {said.family}; it has {held}"
            raise ExchangeError(text, said.family)
        present = {"bounds": said.bounded, "negate": said.negate, "offset": said.offset}
        for modifier, is_there in present.items():
            if is_there and modifier not in self.takes[said.family]:
                text = f"{self.title} cannot hold {said.family} with {modifier}"
                raise ExchangeError(text, modifier)
        return self.writer(said)


def _table(*conventions: Convention) -> Mapping[str, Convention]:
    return MappingProxyType({one.name: one for one in conventions})


CONVENTIONS: Mapping[str, Convention] = _table(
    Convention(
        "stats_arrays",
        "stats_arrays",
        brightway.ROW_FIELDS,
        brightway.ROW_TAKES,
        brightway.read_row,
        brightway.write_row,
        "loc of a lognormal is a logarithm. Bounds are redrawn, so they truncate. "
        "Codes as of release 4.0; a bw_processing package keeps seven digits.",
    ),
    Convention(
        "brightway_excel",
        "Brightway Excel",
        brightway.EXCEL_FIELDS,
        brightway.ROW_TAKES,
        brightway.read_excel,
        brightway.write_excel,
        "The amount is the median of a lognormal.",
    ),
    Convention(
        "brightway_excel_mean",
        "Brightway Excel with lognormals reparametrised",
        brightway.EXCEL_FIELDS,
        brightway.ROW_TAKES,
        brightway.read_excel_mean,
        brightway.write_excel_mean,
        "The amount is the mean of a lognormal, as bw2io makes it when it is asked to "
        "reparametrize lognormals to agree with the static amount; loc is overwritten.",
    ),
    Convention(
        "openlca",
        "openLCA JSON-LD",
        openlca.FIELDS,
        openlca.TAKES,
        openlca.read,
        openlca.write,
        "geomMean is the median, as the schema says. openLCA since 2024-11 draws with "
        "geomMean as the mean: for its draws use openlca_as_sampled.",
    ),
    Convention(
        "openlca_as_sampled",
        "openLCA JSON-LD as openLCA samples it",
        openlca.FIELDS_AS_SAMPLED,
        openlca.TAKES,
        openlca.read_as_sampled,
        openlca.write_as_sampled,
        "geomMean is the mean of what openLCA since 2024-11 draws, against the name.",
    ),
    Convention(
        "ecospold2",
        "EcoSpold 2",
        spold.SPOLD2_FIELDS,
        spold.TAKES,
        spold.read_spold2,
        spold.write_spold2,
        "variance is that of ln x; the one with the pedigree is drawn.",
    ),
    Convention(
        "ecospold1",
        "EcoSpold 1",
        spold.SPOLD1_FIELDS,
        spold.TAKES,
        spold.read_spold1,
        spold.write_spold1,
        "standardDeviation95 is GSD^2, which spans 95.45 %, or two sd.",
    ),
    Convention(
        "ilcd",
        "ILCD",
        spold.ILCD_FIELDS,
        spold.TAKES,
        spold.read_ilcd,
        spold.write_ilcd,
        "GSD^2 or two sd by the schema; openLCA's reader takes them as GSD and sd.",
    ),
    Convention(
        "simapro",
        "SimaPro CSV",
        simapro.FIELDS,
        simapro.TAKES,
        simapro.read,
        simapro.write,
        "xsd is GSD^2 of a Lognormal, twice the sd of a Normal.",
    ),
    Convention(
        "salib",
        "SALib",
        libraries.SALIB_FIELDS,
        libraries.SALIB_TAKES,
        libraries.read_salib,
        libraries.write_salib,
        "The entries of dists and bounds for one input; a constant is no input.",
    ),
    Convention(
        "scipy",
        "scipy.stats",
        libraries.SCIPY_FIELDS,
        libraries.SCIPY_TAKES,
        libraries.read_scipy,
        libraries.write_scipy,
        "By name only: lognorm(a, b) would be shape and loc.",
    ),
    Convention(
        "ipcc_percent",
        "IPCC percent",
        ipcc.FIELDS,
        ipcc.TAKES,
        ipcc.read,
        ipcc.write,
        "Both ends of the 95 % interval in percent of the value. A symmetric normal is "
        "refused above 60 %, where it turns negative.",
    ),
)
"""Name of a convention to how it is read and written."""


def read(convention: str, fields: Mapping[str, object]) -> Marginal:
    """The distribution that foreign fields state.

    Parameters
    ----------
    convention : str
        A key of `CONVENTIONS`.
    fields : mapping
        As the format has them; numbers, or text of numbers as XML and CSV have it.

    Returns
    -------
    Marginal

    Raises
    ------
    ExchangeError
        The convention is not known; a field is unknown, missing or impossible; the law
        is not supported. A word for a spread that the convention does not have is
        answered with what it could mean.

    Examples
    --------
    >>> law = read("simapro", {"distribution": "Lognormal", "mean": 42, "xsd": 1.5625})
    >>> law
    Lognormal(median=42.0, gsd=1.25, mean_=None, cv=None)
    """
    return _convention(convention).read(fields)


def write(convention: str, marginal: Marginal) -> dict[str, object]:
    """The foreign fields that state a distribution.

    Parameters
    ----------
    convention : str
        A key of `CONVENTIONS`.
    marginal : Marginal

    Returns
    -------
    dict of str to object
        What `read` takes; the law comes back the same, its point value may not: a
        format that states a median has no place for a stated mean.

    Raises
    ------
    ExchangeError
        The convention is not known, or cannot hold the law; nothing is approximated.

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> law = build("lognormal", {"median": 3, "gsd": 1.25, "negate": True})
    >>> write("openlca", law)["geomMean"]
    -3.0
    """
    return _convention(convention).write(marginal)


def from_config(mapping: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The family and parameters that a foreign convention in a config stands for.

    Parameters
    ----------
    mapping : mapping
        ``format``, a key of `CONVENTIONS`, and the fields of that convention.

    Returns
    -------
    tuple of str and dict
        Family word and parameters as a config states them and as
        `uncertainty.distributions.build` takes them.

    Raises
    ------
    ExchangeError
        As `read`; or no ``format`` is given, with what each word could mean.
        ``parameter`` is the key at fault.

    Examples
    --------
    >>> form = {"format": "simapro", "distribution": "lognormal"}
    >>> from_config(form | {"mean": -42, "xsd": 1.5625})
    ('lognormal', {'median': 42.0, 'gsd': 1.25, 'negate': True})
    """
    fields = dict(mapping)
    name = fields.pop(FORMAT, None)
    if name is None:
        known = ", ".join(CONVENTIONS)
        said = "".join(meanings(str(key)) for key in fields)
        text = f"{FORMAT}: missing; say which convention it is: {known}{said}"
        raise ExchangeError(text, FORMAT)
    found = _convention(str(name)).statement(fields)
    return found.family, found.parameters()


def _convention(name: str) -> Convention:
    if name not in CONVENTIONS:
        text = f"{name!r} is no convention{nearest_or_all(name, CONVENTIONS)}"
        raise ExchangeError(f"{FORMAT}: {text}", FORMAT)
    return CONVENTIONS[name]
