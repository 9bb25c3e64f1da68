"""The command `stripe-pipeline`: cleans the environment before anything else is imported."""

import sys

from stripe_pipeline.process.environment import begin_clean

MODULE = "stripe_pipeline.cli"


def main() -> None:
    """Run a command; exit 0 on success, 1 on a failed run, 2 on wrong use."""
    begin_clean(MODULE, sys.argv[1:])
    from stripe_pipeline.cli.commands.app import run_command

    run_command(sys.argv[1:])


if __name__ == "__main__":
    main()
