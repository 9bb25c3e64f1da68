"""Run `python -m stripe_pipeline.cli`, as the command `stripe-pipeline` does."""

from stripe_pipeline.cli import main

if __name__ == "__main__":
    main()
