"""stub"""
def sheet() -> None:
    """Example: potline sheet"""
