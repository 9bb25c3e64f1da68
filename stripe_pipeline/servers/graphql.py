"""Refuse cross-site requests (CSRF) to Dagster's API: mutations by GET, bodies that aren't JSON.

Dagster executes mutations over GET and takes the query from the URL of any POST. A form or an image
of another site can send both; JSON needs a preflight request, which is refused. GraphQL over HTTP
requires the same: https://graphql.github.io/graphql-over-http/.
"""

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from stripe_pipeline.servers.guard import Refusal

_BY_POST = "Only a query is answered by GET; a change is asked for by POST, as JSON."
METHODS = frozenset({"GET", "HEAD", "POST"})


def refuse_unsafe(scope: Scope) -> Refusal | None:
    """Return the refusal of a POST that isn't JSON, or a GraphQL GET beyond queries; else None."""
    if scope["type"] != "http":
        return None
    if scope["method"] == "POST":
        return None if _is_json(Headers(scope=scope)) else Refusal(415, "A POST has to be JSON.")
    queries = QueryParams(scope["query_string"]).getlist("query")
    if all(_only_reads(query) for query in queries if _is_api(scope)):
        return None
    return Refusal(405, _BY_POST, "POST")


def _is_json(headers: Headers) -> bool:
    """Return whether the one content type is JSON; `text/plain; a=application/json` isn't."""
    types = [value.partition(";")[0].strip().lower() for value in headers.getlist("content-type")]
    return types == ["application/json"]


def _is_api(scope: Scope) -> bool:
    return bool(scope["path"].rstrip("/").endswith("/graphql"))


def _only_reads(query: str) -> bool:
    try:
        definitions = parse(query).definitions
    except GraphQLError:
        # Dagster has more stack left and may parse what is nested too deep for this parser.
        return False
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    return all(node.operation is OperationType.QUERY for node in operations)
