"""What Dagster's API is not asked in: a change by GET, or a body that a foreign page can send.

Dagster executes mutations over GET and takes the query from the address of any POST. Both can be
sent by a form or an image of another site; JSON can't, without asking first (a preflight), which
is refused. GraphQL over HTTP asks for the same: https://graphql.github.io/graphql-over-http/.
"""

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from stripe_pipeline.servers.guard import Refusal

_BY_POST = "Only a query is answered by GET; a change is asked for by POST, as JSON."
METHODS = frozenset({"GET", "HEAD", "POST"})


def refuse_unsafe(scope: Scope) -> Refusal | None:
    """Refuse a POST that isn't JSON, and a GET that asks for more than a query."""
    if scope["type"] != "http":
        return None
    if scope["method"] == "POST":
        return None if _is_json(Headers(scope=scope)) else Refusal(415, "A POST has to be JSON.")
    queries = QueryParams(scope["query_string"]).getlist("query")
    if all(_only_reads(query) for query in queries if _is_api(scope)):
        return None
    return Refusal(405, _BY_POST, "POST")


def _is_json(headers: Headers) -> bool:
    """Whether the one content type is JSON; `text/plain; a=application/json` isn't."""
    types = [value.partition(";")[0].strip().lower() for value in headers.getlist("content-type")]
    return types == ["application/json"]


def _is_api(scope: Scope) -> bool:
    return bool(scope["path"].rstrip("/").endswith("/graphql"))


def _only_reads(query: str) -> bool:
    try:
        definitions = parse(query).definitions
    except GraphQLError:
        # What is nested too deep for this parser, Dagster may still read: it has more of the stack.
        return False
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    return all(node.operation is OperationType.QUERY for node in operations)
