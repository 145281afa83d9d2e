"""The flags of a script: their names, types and defaults, and how values are passed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tunesmith.flags.spelling import PLAIN, Spelling
from tunesmith.flags.values import FlagValue

COMPUTED = "computed"
"""Stands for a default that differs whenever the script runs."""


class FlagType(StrEnum):
    """The type that a flag's values are read and checked against."""

    ANY = "any"
    """The type is unknown: the grammar alone decides."""
    TEXT = "text"
    """The text as typed, unless it opens with ``[``, a quote or ``{``."""
    INT = "int"
    """Whole numbers; a float is refused."""
    NUMBER = "number"
    """Any number, kept as typed (1 stays an int)."""
    FLOAT = "float"
    """Any number, turned into a float."""
    BOOL = "bool"
    """yes, no, true, false, 1, 0."""

    @classmethod
    def of(cls, value: object) -> "FlagType":
        """Return the type of a flag that has a value in place of a declaration."""
        if isinstance(value, bool):
            return cls.BOOL
        if isinstance(value, int | float):
            return cls.NUMBER
        return cls.TEXT if isinstance(value, str) else cls.ANY


NUMERIC = (FlagType.INT, FlagType.NUMBER, FlagType.FLOAT)
"""The types whose values are numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDefinition:
    """One flag of a script: its name, default and what it accepts."""

    name: str
    """What the user types before ``=``: a global's name, an option's without its dashes."""
    type: FlagType = FlagType.ANY
    default: FlagValue = None
    is_computed: bool = False
    """Whether ``default`` stands for a value that the script computes: it is never passed."""
    choices: tuple[FlagValue, ...] = ()
    """The allowed values; empty if any value of the type is."""
    is_required: bool = False
    help: str = ""
    option: str = ""
    """The option that passes it, as ``--learning-rate``; empty for a global. With ``=`` at its
    end it is read no other way than joined with its value."""
    switch_on: str = ""
    """For a switch, the bare option given when it is true, as ``--shuffle``; may be empty."""
    switch_off: str = ""
    """For a switch, the bare option given when the value is false, as ``--no-shuffle``."""
    takes_many: bool = False
    """A list value is passed as several arguments after one option (argparse ``nargs``)."""
    n_values: int = 0
    """How many values it takes at once, where that is one number above 1 (``nargs=2``); else 0."""
    is_repeated: bool = False
    """A list value repeats the option for each item (click ``multiple``, argparse append)."""
    is_counted: bool = False
    """The option is repeated bare, as often as the value says: ``-v -v``."""
    adds_to_default: bool = False
    """Values are appended to the default instead of replacing it (argparse append)."""
    has_integer_default: bool = False
    """A distribution over the flag is over integers: its default is one, or its converter takes
    no others."""
    aliases: tuple[str, ...] = ()
    """Other names by which it can be typed: its other options without their dashes, the name of
    its variable."""
    position: int | None = None
    """For a positional argument its place among them, from 1; None for an option."""
    level: int = 0
    """How many words of the subcommand stand before it; 0 for an option of the program itself."""
    address: str = ""
    """The place in the trial's copy of the source to which the value is written, as
    ``config.yaml:optimizer.lr``; empty for a value that is passed otherwise."""
    variable: str = ""
    """The variable of the environment that passes it; empty for a value that is passed
    otherwise."""
    note: str = ""
    """Why the script may not run with the value that is set, in words that follow the name, as
    ``is assigned again in line 3 (if …)``; empty where it does."""
    spelling: Spelling | None = PLAIN
    """How values are written for the option's converter; None where that is a function of the
    script's own, which was not asked."""

    @property
    def is_switch(self) -> bool:
        """Whether the flag is passed bare rather than with a value."""
        return bool(self.switch_on or self.switch_off)

    @property
    def is_passed(self) -> bool:
        """Whether it reaches a script from outside, even if others of its flags are written."""
        return self.position is not None or bool(self.variable)

    @property
    def prefers_integers(self) -> bool:
        """Whether a log distribution over this flag means integers."""
        return self.type is FlagType.INT or self.has_integer_default

    @property
    def prefers_whole(self) -> bool:
        """Whether 10.0 means 10: the default is an int, and no type says that it is a float."""
        is_int = isinstance(self.default, int) and not isinstance(self.default, bool)
        return self.has_integer_default or (self.type is FlagType.ANY and is_int)

    @property
    def is_real(self) -> bool:
        """Whether a range with whole bounds, ``[0:1]``, is over floats."""
        is_global = self.type is FlagType.NUMBER and not self.has_integer_default
        return self.type is FlagType.FLOAT or is_global or isinstance(self.default, float)

    @property
    def reads_none(self) -> bool:
        """Whether the word None means None: where None is the default, or text is not allowed."""
        return self.default is None or self.type in NUMERIC


def unknown_option(name: str) -> FlagDefinition:
    """Return an option of which only the name is known, or the positional argument of a number.

    Its default is text, so that leaving it out does not count as None.
    """
    if name.isdigit():
        return FlagDefinition(name=name, position=int(name), default="", spelling=None)
    return FlagDefinition(name=name, option=f"--{name}", default="", spelling=None)


def place_of_group(name: str) -> str:
    """Return what the names in a group of Hydra begin with: ``a.b.`` for ``model/head@a.b``."""
    return f"{name.split('@')[-1].replace('/', '.')}."


class FlagSource(StrEnum):
    """Where a script defines its flags, which decides how values reach it."""

    GLOBALS = "globals"
    """Module-level assignments; the trial's copy of the script is rewritten."""
    ARGPARSE = "argparse"
    """Options of an argparse parser; values are passed as arguments."""
    CLICK = "click"
    """Options of a click or typer command; values are passed as arguments."""
    OPTPARSE = "optparse"
    GETOPT = "getopt"
    ABSL = "absl"
    FIRE = "fire"
    TYRO = "tyro"
    DOCOPT = "docopt"
    SACRED = "sacred"
    HYDRA = "hydra"
    OMEGACONF = "omegaconf"
    ARGUMENTS = "arguments"
    """Arguments that the script takes from ``sys.argv`` itself."""
    ENVIRONMENT = "environment"
    """Variables of the environment."""
    NOTEBOOK = "notebook"
    """Assignments of a notebook; the trial's copy of it is rewritten."""
    ADDRESSES = "addresses"
    """Nothing but values of files, which are rewritten in the trial's copy."""
    COMMAND = "command"
    """A command whose flags are not known: what is typed is passed."""


class FlagStyle(StrEnum):
    """How the name and the value of a flag are written for a program."""

    SPACED = "--name value"
    JOINED = "--name=value"
    BARE = "name=value"
    """As Hydra and OmegaConf read it."""
    WORDS = "NAME VALUE"
    """Two words, as detectron reads it."""
    SINGLE_DASH = "-name value"
    ENVIRONMENT = "env"
    """As a variable of the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFlags:
    """A script's flags, and how they are passed."""

    source: FlagSource
    definitions: tuple[FlagDefinition, ...]
    unlisted: tuple[FlagDefinition, ...] = ()
    """Flags that can be set but are not worth tuning, as a counter that a loop changes: a batch
    has them only if it sets them."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Names that cannot be set, since the script replaces their value, with the reason in words
    that follow the name."""
    style: FlagStyle = FlagStyle.SPACED
    """How flags are passed, but those with an address of their own."""
    subcommands: "Mapping[str, ScriptFlags]" = field(default_factory=dict)
    """The flags of each subcommand by its name, of which none was chosen."""
    other_words: tuple[str, ...] = ()
    """What else can be typed for the subcommand whose flags these are, as ``t`` for ``train``."""
    runs_alone: bool = False
    """Whether the program does something without any of its subcommands."""
    subcommand: tuple[str, ...] = ()
    """The words of the chosen subcommand; its options are among the definitions."""
    is_open: bool = False
    """Whether names that are not among them are passed as well."""
    found_by: str = ""
    """How the flags were found, in words that follow "found in" or "found by"."""
    doubt: str = ""
    """Why there may be flags that were not found; empty where all were. It is not stored."""

    def get(self, name: str) -> FlagDefinition | None:
        """Return the definition of a flag by its name or an alias, or None where there is none."""
        named = (flag for flag in self.settable if flag.name == name)
        return next(named, None) or next(
            (flag for flag in self.settable if name in flag.aliases), None
        )

    def of_subcommand(self, words: Sequence[str]) -> "ScriptFlags":
        """Return the flags with those of a subcommand, which is chosen.

        Args:
            words: The subcommand, and in it others, as typed.

        Raises:
            KeyError: There is no such subcommand.
        """
        if not words:
            return self
        word, *others = words
        word = self.subcommand_of(word) or word
        inner = self.subcommands[word].of_subcommand(others)
        deeper = tuple(replace(flag, level=flag.level + 1) for flag in inner.definitions)
        own = tuple(flag for flag in self.definitions if inner.get(flag.name) is None)
        return replace(
            self,
            definitions=(*own, *deeper),
            subcommands=inner.subcommands,
            runs_alone=inner.runs_alone,
            subcommand=(word, *inner.subcommand),
        )

    def subcommand_of(self, word: str) -> str | None:
        """Return the name of the subcommand that a word names; None where there is none."""
        if word in self.subcommands:
            return word
        named = (name for name, one in self.subcommands.items() if word in one.other_words)
        return next(named, None)

    @property
    def settable(self) -> tuple[FlagDefinition, ...]:
        """All flags that can be set, unlisted ones included."""
        return (*self.definitions, *self.unlisted)

    @property
    def takes_any(self) -> bool:
        """Whether nobody knows all flags of the program, so that every name is taken."""
        return self.is_open or self.source is FlagSource.COMMAND

    @property
    def takes_others(self) -> bool:
        """Whether an unknown name can be passed as an option.

        A script that defines its flags by assignments reads no command line, and one that takes
        its arguments from ``sys.argv`` no options.
        """
        reads_none = (FlagSource.GLOBALS, FlagSource.NOTEBOOK, FlagSource.ARGUMENTS)
        return self.source not in reads_none or not self.settable

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the flags, in the order of the script."""
        return tuple(flag.name for flag in self.definitions)

    def defaults_beside(self, given: Collection[str]) -> dict[str, FlagValue]:
        """Return the default of each flag, where others are set.

        With another choice of a group, as Hydra has them, what lies in it has other defaults.

        Args:
            given: The names of the flags that are set.
        """
        is_grouped = self.source is FlagSource.HYDRA
        groups = tuple(map(place_of_group, given)) if is_grouped else ()
        return {
            name: value for name, value in self.defaults.items() if not name.startswith(groups)
        }

    @property
    def defaults(self) -> dict[str, FlagValue]:
        """The default of each flag."""
        return {flag.name: flag.default for flag in self.definitions}
