"""``tunesmith completion``: the scripts that make a shell complete the command line."""

import os

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from tunesmith.cli import console
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError

PROGRAM = "tunesmith"
VARIABLE = "_TUNESMITH_COMPLETE"
"""The environment variable by which a completion script asks for words."""

_BASH = """\
_tunesmith_completion() {
    local IFS=$'\\n' kind word typed= before=
    local -a words=()
    # bash splits optuna:tpe at the colon, and completes what stands behind it
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ ${#words[@]} -gt 1 && ($word == : || $typed == *:) ]]; then
            words[-1]=$typed$word
        else
            words+=("$word")
        fi
        typed=${words[-1]}
    done
    [[ $typed == *:* ]] && before=${typed%:*}:
    COMPREPLY=()
    while IFS=',' read -r kind word; do
        case $kind in
            plain)
                word=${word#"$before"}
                [[ $word == *' '* && $typed != [\\'\\"]* ]] && printf -v word %q "$word"
                COMPREPLY+=("$word") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \\
        _TUNESMITH_COMPLETE=bash_complete "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace
    fi
}
complete -F _tunesmith_completion tunesmith
"""

_ZSH = """\
#compdef tunesmith
_tunesmith_completion() {
    local -a response words_only described open_ended
    local kind word text
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        _TUNESMITH_COMPLETE=zsh_complete command tunesmith 2>/dev/null)}")
    for kind word text in "${response[@]}"; do
        case $kind in
            plain)
                if [[ $word == *[=/] ]]; then
                    open_ended+=("$word")
                elif [[ $text == _ ]]; then
                    words_only+=("$word")
                else
                    described+=("$word:$text")
                fi ;;
            file) _path_files -f ;;
            dir) _path_files -/ ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#words_only )) && compadd -U -V unsorted -a words_only
    (( $#open_ended )) && compadd -U -V unsorted -S '' -a open_ended
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _tunesmith_completion "$@"
elif (( $+functions[compdef] )); then
    compdef _tunesmith_completion tunesmith
else
    print -ru2 -- 'tunesmith: without compinit zsh completes nothing: put before this line' \\
        'autoload -Uz compinit && compinit'
fi
# x=[-1,0,1] is a pattern to zsh, which would look for files; noglob leaves it as it is
alias tunesmith='noglob tunesmith'
"""

_FISH = """\
function _tunesmith_completion
    set -l response (_TUNESMITH_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) \\
        COMP_CWORD=(commandline -t) command tunesmith 2>/dev/null)
    for line in $response
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case plain
                printf '%s\\n' $parts[2]
            case file
                __fish_complete_path (commandline -t)
            case dir
                __fish_complete_directories (commandline -t)
        end
    end
end
complete --no-files --command tunesmith --arguments "(_tunesmith_completion)"
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
_COMPLETERS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command(cls=SectionedCommand)
@click.argument("shell", type=click.Choice(list(SCRIPTS)), metavar="SHELL")
def completion(shell: str) -> int:
    """Print a script that makes bash, zsh or fish complete commands, flags and runs.

    \b
    To use it, add a line to your shell's start-up file:
      ~/.bashrc                   eval "$(tunesmith completion bash)"
      ~/.zshrc, after compinit    eval "$(tunesmith completion zsh)"
      ~/.config/fish/config.fish  tunesmith completion fish | source
    """  # noqa: D301 - click reads the control character \b: do not wrap these lines
    console.answer(SCRIPTS[shell].rstrip("\n"))
    return 0


def complete(group: click.Command, instruction: str) -> int:
    """Print the words that a shell may offer, and return the exit code.

    Args:
        group: The command ``tunesmith``.
        instruction: The shell and what it asks for, such as ``bash_complete``.

    Raises:
        UsageError: The shell is unknown, or gave no words.
    """
    shell = instruction.partition("_")[0]
    if shell not in _COMPLETERS or "COMP_WORDS" not in os.environ:
        raise UsageError(
            f"{VARIABLE}={instruction!r} is not a request of a completion script: unset it, or "
            "print a new script with tunesmith completion bash"
        )
    text = _COMPLETERS[shell](group, {}, PROGRAM, VARIABLE).complete()
    if text:
        console.answer(text)
    return 0
