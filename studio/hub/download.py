"""The files of a preset: in a folder of the user's, in the cache of kagglehub, or from Kaggle."""

from __future__ import annotations

from pathlib import Path

from studio.hub import catalog
from studio.hub.catalog import CONFIG, CONVERTER, WEIGHTS, Published
from studio.hub.errors import HubError

NOT_THERE = 404


def file(published: Published, name: str) -> Path | None:
    """A file of a preset, downloaded where it is not here; None for one that the preset hasn't.

    Raises:
        HubError: It can't be had; the message says what, from where, and where it would lie.
    """
    here = published.folder / name
    if here.is_file():
        return here
    if name == CONVERTER and published.is_here:
        return None
    catalog.package()
    import kagglehub
    from kagglehub.exceptions import KaggleApiHTTPError

    try:
        return Path(kagglehub.model_download(published.handle, path=name))
    except KaggleApiHTTPError as error:
        if name == CONVERTER and error.response is not None and error.response.status_code == NOT_THERE:
            return None
        raise _not_had(published, name, error) from error
    except (OSError, ValueError) as error:
        raise _not_had(published, name, error) from error


def _not_had(published: Published, name: str, error: Exception) -> HubError:
    said = (str(error).splitlines() or [type(error).__name__])[0]
    reason = said if len(said) <= 120 else type(error).__name__
    return HubError(
        f"The file {name} of {published.name} could not be downloaded from Kaggle: {reason.rstrip('.')}. With a connection, fetch "
        f"{CONFIG}, {CONVERTER} and {WEIGHTS} from {published.address} and put them into {published.folder}; everything else works offline."
    )
