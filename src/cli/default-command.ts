// A command that stands for its group when the group is typed alone. Commander takes any unknown word for an argument of it.
import type { Command } from 'commander';
import { UsageError } from '../model/errors.js';
import { findNearestName } from '../model/nearest-name.js';

/** `command` takes no arguments: a word after it is a mistyped command of its group, and the error names the one that was meant. */
export function refuseUnknownWords(command: Command): Command {
  return command.allowExcessArguments().hook('preAction', () => {
    const [word] = command.args;
    const group = command.parent;
    if (word === undefined || group === null) return;
    const names = group.commands.map((other) => other.name());
    const nearest = findNearestName(word, names);
    const meant = nearest === null ? `see apparenet ${group.name()} --help` : `did you mean ${nearest}?`;
    throw new UsageError('usage.argument', `${group.name()} has no command '${word}': ${meant}`);
  });
}
