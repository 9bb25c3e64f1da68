"""The tags that print values, escaped in HTML."""

from io import StringIO
from typing import TextIO

from liquid import RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.cycle_tag import CycleNode, CycleTag
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from markupsafe import Markup, escape

from stripe_pipeline.activation.templating.kinds import as_text


def printed(value: object, context: RenderContext) -> str:
    """Return a value as it is printed, escaped in HTML unless it is marked as safe."""
    text = as_text(value)
    return escape(text) if context.env.autoescape else text


class PlainOutputNode(OutputNode):
    """`{{ ... }}`."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Print the value by `printed`."""
        return buffer.write(printed(self.expression.evaluate(context), context))


class PlainOutput(Output):
    """Parses `{{ ... }}`."""

    node_class = PlainOutputNode


class PlainEchoNode(PlainOutputNode, EchoNode):
    """`{% echo ... %}`."""


class PlainEcho(EchoTag):
    """Parses `{% echo ... %}`."""

    node_class = PlainEchoNode


class PlainCycleNode(CycleNode):
    """`{% cycle ... %}`."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Print the value whose turn it is."""
        text = StringIO()
        super().render_to_output(context, text)
        return buffer.write(printed(text.getvalue(), context))


class PlainCycle(CycleTag):
    """Parses `{% cycle ... %}`."""

    node_class = PlainCycleNode


class SafeCaptureNode(CaptureNode):
    """`{% capture ... %}`, marked as safe: its content was escaped when it was printed."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Assign the block's output to the tag's name."""
        captured = context.get_buffer(buffer)
        self.block.render(context, captured)
        text = captured.getvalue()
        context.assign(self.name, Markup(text) if context.env.autoescape else text)
        return 0


class SafeCapture(CaptureTag):
    """Parses `{% capture ... %}`."""

    node_class = SafeCaptureNode


PRINTING_TAGS = (PlainOutput, PlainEcho, PlainCycle, SafeCapture)
