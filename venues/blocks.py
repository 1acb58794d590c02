"""The blocks of an event's, a venue's and an artist's body."""

from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock
from wagtail.images.blocks import ImageBlock

from portal.streamfield import PluginBlock

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "hr", "link", "document-link"]


class ProgrammeItem(blocks.StructBlock):
    time = blocks.TimeBlock()
    title = blocks.CharBlock(max_length=120)
    place = blocks.CharBlock(max_length=80, required=False)


class ProgrammeBlock(blocks.StructBlock):
    day = blocks.DateBlock(required=False)
    items = blocks.ListBlock(ProgrammeItem())

    class Meta:
        icon = "list-ol"
        template = "venues/blocks/programme.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=200)
    answer = blocks.RichTextBlock(features=["bold", "italic", "link", "ul", "ol"])


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    source = blocks.CharBlock(max_length=120, required=False)

    class Meta:
        icon = "openquote"
        template = "venues/blocks/quote.html"


class BodyBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock(features=RICH_TEXT, template="venues/blocks/text.html")
    image = ImageBlock(template="venues/blocks/image.html")
    gallery = blocks.ListBlock(ImageBlock(), icon="image", template="venues/blocks/gallery.html")
    video = EmbedBlock(icon="media", template="venues/blocks/video.html")
    quote = QuoteBlock()
    programme = ProgrammeBlock()
    faq = blocks.ListBlock(QuestionBlock(), icon="help", template="venues/blocks/faq.html")
    plugin = PluginBlock()
