"""Write the generated parts of README.md and docs/: `make pages`, and `make readme`."""
