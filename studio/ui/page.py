"""What a page is, and the mount points it lays out."""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from studio.ui.context import Context

if TYPE_CHECKING:
    import gradio


@dataclass(frozen=True)
class Page:
    """One destination.

    Args:
        name: Its short name: the web module `NAME.js`, the word `page.NAME`.
        path: Where it is reached, such as "/train".
        position: Its place in the bar, from left to right; None leaves it out of the bar.
        build: Lays out its components; called once, inside the page's Gradio route.
        routes: Its plain JSON routes (mounted under `/api`).
    """

    name: str
    path: str
    position: int | None
    build: Callable[[Context], None]
    routes: Callable[[Context], APIRouter] | None = None


def pages() -> list[Page]:
    """Every page in `studio.ui.pages`, in the order of the bar (those outside the bar first)."""
    package = importlib.import_module("studio.ui.pages")
    names = [module.name for module in pkgutil.iter_modules(package.__path__, prefix="studio.ui.pages.")]
    found: list[Page] = [module.PAGE for module in map(importlib.import_module, names) if hasattr(module, "PAGE")]
    return sorted(found, key=lambda page: (page.position is not None, page.position or 0, page.name))


def mount(name: str, /, **props: Any) -> gradio.HTML:
    """A place that the component registered as `name` fills in the browser.

    Args:
        props: JSON values that the component receives.
    """
    import gradio

    return gradio.HTML(
        mount_html(name, **props), padding=False, container=False, apply_default_css=False, js_on_load=None, elem_classes="studio-mount"
    )


def mount_html(name: str, /, **props: Any) -> str:
    """The mount point's markup; the values are escaped."""
    data = html.escape(json.dumps(props, ensure_ascii=False))
    return f'<div data-mount="{html.escape(name)}" data-props="{data}"></div>'
