def problem_response(exc, context):  # noqa: D103 - replaced by the API kernel
    raise exc
