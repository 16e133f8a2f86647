"""What can go wrong with an upstream call, as the HTTP errors that the API answers with."""

from werkzeug.exceptions import BadGateway, GatewayTimeout, NotFound


class UnknownPlace(NotFound):
    """404: the upstream says that it knows no such place."""

    description = "The upstream knows no such place."


class UpstreamFailed(BadGateway):
    """502, with one text for all: clients do not agree on where a broken answer ends and nonsense begins."""

    description = "The upstream cannot be reached, failed, or answered with nonsense."


class UpstreamTimeout(GatewayTimeout):
    """504: the upstream took too long to be reached, to answer, or to go on."""

    description = "The upstream took too long."
