"""``python -m training``: train, evaluate and export density networks.

Exit codes: 0 done, 1 could not be done (the reason stands on the error output) or, for ``check``,
pictures had to be left out, 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from backend.core.errors import CrowdSafeError
from training import draw_maps, ramp
from training.cli import check, compare, curves, evaluate, export, interval, train
from training.datasets.base import DatasetError
from training.export import ExportError

FAILED, INTERRUPTED = 1, 130


class Command(Protocol):
    """A module of `training.cli`."""

    NAME: str
    SUMMARY: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


COMMANDS: tuple[Command, ...] = (
    train,
    evaluate,
    interval,
    export,
    compare,
    curves,
    check,
    draw_maps,
    ramp,
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train, evaluate and export the networks that count dense crowds. "
        "The method and the protocol: docs/methods/dense.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        own = commands.add_parser(
            command.NAME,
            help=command.SUMMARY.replace("%", "%%"),
            description=command.SUMMARY[0].upper() + command.SUMMARY[1:] + ".",
            epilog=f"example: {command.EXAMPLE}",
        )
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = build_parser().parse_args(arguments)
    try:
        code: int = args.run(args)
        return code
    except KeyboardInterrupt:
        print("interrupted; a training run goes on with the same command", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a table has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (DatasetError, ExportError, CrowdSafeError, ValueError) as error:
        print(f"{args.command}: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"{args.command}: {reason}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
