"""The command ``potline init``: a commented study to start from."""

from pathlib import Path

from scenarios.cli import options


def init(
    path: options.NewFile = Path("study.yaml"),
    product: options.NewProduct = None,
    force: options.Force = False,
    language: options.Language = None,
) -> None:
    """Write a commented study to start from, or a folder for a new product.

    Example: potline init study.yaml

    Example: potline init --product glass
    """
    if product is not None:
        from scenarios.export.product import new_product

        new_product(product, Path(product))
        print(options.words()("commands.init", file=Path(product) / "study.yaml"))
        return
    from scenarios.export.run_folder import write_file
    from scenarios.library import catalogue as shipped

    if path.exists() and not force:
        text = f"{path}: exists already; pass --force to overwrite it"
        raise options.OptionError(text)
    write_file(path, shipped.template())
    print(options.words()("commands.init", file=path))
