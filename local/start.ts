import { Command } from 'commander';
import { addLocalOptions, runLocalCommand } from './local-command.ts';
import { runCommand, withExitCode } from './run-command.ts';

const command = addLocalOptions(new Command('start').description('Brings Onecharge up on this machine.'));
await runCommand(command.action(withExitCode(runLocalCommand)), process.argv);
