"""Which routes of the admin vendors may open, by name, and which ids in their addresses must be theirs."""

from __future__ import annotations

from dataclasses import dataclass

BULK = "wagtail_bulk_action"
ACCOUNT = "wagtailadmin_account"

# Nothing of anybody's can be read here.
OPEN = {
    "wagtailadmin_home",
    "wagtailadmin_explore_root",
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_dismissibles",
    "wagtailadmin_block_preview",
    "wagtailadmin_editing_sessions:release",
    "wagtailadmin_choose_page_external_link",
    "wagtailadmin_choose_page_email_link",
    "wagtailadmin_choose_page_phone_link",
    "wagtailadmin_choose_page_anchor_link",
    "wagtailembeds:chooser",
    "wagtailembeds:chooser_upload",
    # These show what the permissions and hooks of the vendor's own leave over.
    "wagtailadmin_pages:search",
    "wagtailadmin_pages:search_results",
    "wagtailadmin_choose_page",
    "wagtailadmin_choose_page_search",
    "wagtailimages:index",
    "wagtailimages:index_results",
    "wagtailimages:add",
    "wagtailimages:add_multiple",
    "wagtailimages_chooser:choose",
    "wagtailimages_chooser:choose_results",
    "wagtailimages_chooser:create",
    "wagtaildocs:index",
    "wagtaildocs:index_results",
    "wagtaildocs:add",
    "wagtaildocs:add_multiple",
    "wagtaildocs_chooser:choose",
    "wagtaildocs_chooser:choose_results",
    "wagtaildocs_chooser:create",
    "venue_chooser:choose",
    "venue_chooser:choose_results",
    "artist_chooser:choose",
    "artist_chooser:choose_results",
}


@dataclass(frozen=True)
class Rule:
    """Ids of `kind` that must be the vendor's: in the path, in the query, in the form.

    Kinds: "page" (own), "way" (own or above), "usable" (own, or published venues and artists), "image", "document".
    """

    kind: str
    kwargs: tuple[str, ...] = ()
    asked: tuple[str, ...] = ("id",)
    posted: tuple[str, ...] = ()


PAGE = Rule(
    "page",
    kwargs=("page_id", "parent_page_id", "pk", "object_id"),
    posted=("new_parent_page", "parent_page"),
)
IMAGE = Rule("image", kwargs=("image_id", "pk"))
DOCUMENT = Rule("document", kwargs=("document_id", "doc_id", "pk"))
# Uploads that await their title belong to who made them, which Wagtail checks.
UPLOADED = Rule("page", asked=())

PAGES = (
    "wagtailadmin_pages:add",
    "wagtailadmin_pages:add_subpage",
    "wagtailadmin_pages:preview_on_add",
    "wagtailadmin_pages:edit",
    "wagtailadmin_pages:preview_on_edit",
    "wagtailadmin_pages:view_draft",
    "wagtailadmin_pages:delete",
    "wagtailadmin_pages:unpublish",
    "wagtailadmin_pages:convert_alias",
    "wagtailadmin_pages:copy",
    "wagtailadmin_pages:history",
    "wagtailadmin_pages:history_results",
    "wagtailadmin_pages:workflow_history",
    "wagtailadmin_pages:confirm_workflow_cancellation",
    "wagtailadmin_pages:revisions_index",
    "wagtailadmin_pages:revisions_view",
    "wagtailadmin_pages:revisions_revert",
    "wagtailadmin_pages:revisions_unschedule",
    "wagtailadmin_pages:revisions_compare",
)
IMAGES = (
    "wagtailimages:edit",
    "wagtailimages:delete",
    "wagtailimages:preview",
    "wagtailimages:image_usage",
    "wagtailimages:edit_multiple",
    "wagtailimages:delete_multiple",
)
DOCUMENTS = (
    "wagtaildocs:edit",
    "wagtaildocs:delete",
    "wagtaildocs:document_usage",
    "wagtaildocs:edit_multiple",
    "wagtaildocs:delete_multiple",
)

RULES = {
    "wagtailadmin_explore": Rule("page", kwargs=("parent_page_id",)),
    "wagtailadmin_explore_results": Rule("page", kwargs=("parent_page_id",)),
    "wagtailadmin_choose_page_child": Rule("way", kwargs=("parent_page_id",)),
    "wagtailadmin_choose_page_chosen_multiple": Rule("usable"),
    "wagtailadmin_api:pages:listing": Rule("way", asked=("child_of", "descendant_of", "ancestor_of", "translation_of")),
    "wagtailadmin_api:pages:detail": Rule("page", kwargs=("pk",)),
    "wagtailadmin_editing_sessions:ping": PAGE,
    "venue_chooser:chosen": Rule("usable", kwargs=("pk",)),
    "venue_chooser:chosen_multiple": Rule("usable"),
    "artist_chooser:chosen": Rule("usable", kwargs=("pk",)),
    "artist_chooser:chosen_multiple": Rule("usable"),
    "wagtailimages_chooser:chosen": IMAGE,
    "wagtailimages_chooser:chosen_multiple": IMAGE,
    "wagtailimages_chooser:select_format": IMAGE,
    "wagtaildocs_chooser:chosen": DOCUMENT,
    "wagtaildocs_chooser:chosen_multiple": DOCUMENT,
    BULK: Rule("page"),
    **dict.fromkeys(PAGES, PAGE),
    **dict.fromkeys(IMAGES, IMAGE),
    **dict.fromkeys(DOCUMENTS, DOCUMENT),
    **dict.fromkeys(
        (
            "wagtailimages:create_multiple_from_uploaded_image",
            "wagtailimages:delete_upload_multiple",
            "wagtaildocs:create_multiple_from_uploaded_document",
            "wagtaildocs:delete_upload_multiple",
        ),
        UPLOADED,
    ),
}
