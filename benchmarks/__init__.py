"""What the pipeline costs, stage by stage, against a bare client that only keeps bytes."""
