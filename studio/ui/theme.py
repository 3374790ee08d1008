"""Gradio's theme, made of the same colour tokens as our own parts (`web/src/styles/tokens.css`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

TOKENS = {
    "body_background_fill": "--s-page",
    "body_text_color": "--s-text",
    "body_text_color_subdued": "--s-muted",
    "background_fill_primary": "--s-surface",
    "background_fill_secondary": "--s-sunken",
    "block_background_fill": "--s-surface",
    "block_border_color": "--s-line",
    "block_info_text_color": "--s-muted",
    "block_label_background_fill": "--s-surface",
    "block_label_border_color": "--s-line",
    "block_label_text_color": "--s-muted",
    "block_title_text_color": "--s-text",
    "border_color_accent": "--s-accent",
    "border_color_primary": "--s-line",
    "button_primary_background_fill": "--s-accent-fill",
    "button_primary_background_fill_hover": "--s-accent-hover",
    "button_primary_border_color": "--s-accent-fill",
    "button_primary_text_color": "--s-on-accent",
    "button_secondary_background_fill": "--s-surface",
    "button_secondary_background_fill_hover": "--s-sunken",
    "button_secondary_border_color": "--s-line-strong",
    "button_secondary_text_color": "--s-text",
    "color_accent": "--s-accent",
    "color_accent_soft": "--s-accent-soft",
    "input_background_fill": "--s-field",
    "input_border_color": "--s-line-strong",
    "input_border_color_focus": "--s-accent",
    "link_text_color": "--s-accent",
    "panel_background_fill": "--s-surface",
    "panel_border_color": "--s-line",
    "table_border_color": "--s-line",
    "table_even_background_fill": "--s-surface",
    "table_odd_background_fill": "--s-sunken",
    "table_row_focus": "--s-accent-soft",
}
"""Gradio's theme variables and the token that gives each its colour, in light and dark alike (the token changes, not the name)."""


def theme() -> Base:
    """Neutral greys, one accent, system fonts, 8 px grid; nothing is fetched from outside."""
    from gradio.themes import Base, sizes

    base = Base(
        primary_hue="blue",
        neutral_hue="gray",
        radius_size=sizes.radius_sm,
        spacing_size=sizes.spacing_md,
        text_size=sizes.text_sm,
        font=["system-ui", "-apple-system", "Segoe UI", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    )
    values = {name: f"var({token})" for name, token in TOKENS.items()}
    dark = {f"{name}_dark": value for name, value in values.items() if name != "color_accent"}
    return base.set(block_shadow="none", button_primary_shadow="none", input_shadow="none", input_shadow_focus="none", **values, **dark)
