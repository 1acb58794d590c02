from rest_framework.pagination import CursorPagination  # noqa: F401
