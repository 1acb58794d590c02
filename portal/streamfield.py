"""A StreamField whose blocks stay out of migrations, and the one block through which plugins draw."""

from typing import Any

from wagtail import blocks
from wagtail.fields import StreamField


class MigrationLightStreamField(StreamField):
    """A StreamField that a change of blocks causes no migration of."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs


class PluginBlock(blocks.StructBlock):
    """A place in a page's body that a plugin fills: draws the slot ``block.<key>``."""

    key = blocks.CharBlock(max_length=60, help_text="The name that the plugin's documentation gives.")

    class Meta:
        icon = "puzzle-piece"
        template = "portal/blocks/plugin.html"
